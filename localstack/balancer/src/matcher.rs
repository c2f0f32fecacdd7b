//! Which status codes a health check takes for a success.

use std::{fmt, ops::RangeInclusive, str::FromStr};

/// The status codes that a health check accepts, such as `200` or `200-299,302`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher(Vec<RangeInclusive<u16>>);

/// A matcher that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "health check matcher: found `{0}`; allowed are codes from 200 to 499 and ranges of them, such as `200-299,302`"
)]
pub struct MatcherError(String);

impl Matcher {
    pub(crate) fn accepts(&self, status: u16) -> bool {
        self.0.iter().any(|codes| codes.contains(&status))
    }
}

impl FromStr for Matcher {
    type Err = MatcherError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let codes: Option<Vec<_>> = text.split(',').map(parse_codes).collect();
        codes.map(Self).ok_or_else(|| MatcherError(text.to_owned()))
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, codes) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            match (codes.start(), codes.end()) {
                (first, last) if first == last => write!(f, "{comma}{first}")?,
                (first, last) => write!(f, "{comma}{first}-{last}")?,
            }
        }
        Ok(())
    }
}

fn parse_codes(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (200 <= first && first <= last && last <= 499).then_some(first..=last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matcher_reads_codes_and_ranges() {
        let matcher: Matcher = "200-299,302".parse().unwrap();
        for (status, accepted) in
            [(199, false), (200, true), (299, true), (301, false), (302, true), (500, false)]
        {
            assert_eq!(matcher.accepts(status), accepted, "{status}");
        }
        assert_eq!(matcher.to_string(), "200-299,302");
    }

    #[test]
    fn a_matcher_that_means_nothing_is_refused() {
        for text in ["", "ok", "200-", "299-200", "100", "200,,201", "200-599"] {
            let error = text.parse::<Matcher>().unwrap_err().to_string();
            assert!(error.contains(&format!("found `{text}`")), "{error}");
        }
    }
}
