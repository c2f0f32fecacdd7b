//! Paths with wildcards, as a listener's rules have them.

/// A path in which `*` stands for any text, also none, and `?` for one character (`/portfolios/*`). Case-sensitive;
/// compared with the path without its query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern(String);

impl PathPattern {
    pub(crate) fn matches(&self, path: &str) -> bool {
        matches(self.0.as_bytes(), path.as_bytes())
    }
}

impl From<&str> for PathPattern {
    fn from(pattern: &str) -> Self {
        Self(pattern.to_owned())
    }
}

/// Recurses no deeper than the pattern is long.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=path.len()).any(|skipped| matches(rest, &path[skipped..])),
        ([wanted, rest @ ..], [found, left @ ..]) => {
            (*wanted == b'?' || wanted == found) && matches(rest, left)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_has_wildcards_anywhere() {
        for (pattern, path, matched) in [
            ("*", "/", true),
            ("/portfolios/*/holdings", "/portfolios/7/holdings", true),
            ("/portfolios/*/holdings", "/portfolios/7/holdings/9", false),
            ("/p?/*", "/p1/", true),
            ("/p?/*", "/p/", false),
            ("/Dashboard", "/dashboard", false),
            ("", "/", false),
        ] {
            assert_eq!(PathPattern::from(pattern).matches(path), matched, "{pattern} {path}");
        }
    }
}
