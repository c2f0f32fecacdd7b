//! What the balancer routes by: plain data, a picture of one load balancer's listener at one moment.

use std::{fmt, net::SocketAddr, ops::RangeInclusive, str::FromStr, time::Duration};

use http::Method;

/// One listener of a load balancer, and every target group whose targets it checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// In any order; they are tried by ascending priority.
    pub rules: Vec<Rule>,
    /// All target groups, also those that no rule names: they are health-checked too.
    pub target_groups: Vec<TargetGroup>,
    /// A connection on which nothing moves for this long is closed; before the response's head, with a 504.
    pub idle_timeout: Duration,
}

/// Which requests go to which target group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// `None` is the listener's default action, tried last.
    pub priority: Option<u32>,
    /// Empty: every method.
    pub methods: Vec<Method>,
    /// Empty: every path.
    pub paths: Vec<PathPattern>,
    /// Where they go; must be the ARN of one of the table's target groups.
    pub target_group_arn: String,
}

/// A path in which `*` stands for any text, also none, and `?` for one character (`/portfolios/*`). Case-sensitive;
/// compared with the path without its query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern(String);

/// Targets that share a load balancing algorithm, a health check and a deregistration delay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetGroup {
    /// Its identity; the readings carry it.
    pub arn: String,
    /// How a target is chosen.
    pub algorithm: Algorithm,
    /// How long a draining target may finish what is in flight.
    pub deregistration_delay: Duration,
    /// How its targets are checked.
    pub health_check: HealthCheck,
    /// The registered targets.
    pub targets: Vec<Target>,
}

/// How a target is chosen among those that may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Each in turn.
    RoundRobin,
    /// The one with the fewest requests of this target group in flight; among equals, each in turn.
    LeastOutstandingRequests,
}

/// A target group's health check: HTTP GET, on a connection of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// The path asked for.
    pub path: String,
    /// From one check's start to the next.
    pub interval: Duration,
    /// A slower answer is a failure.
    pub timeout: Duration,
    /// Consecutive successes that make an unhealthy target healthy. A new target needs one, as on AWS.
    pub healthy_threshold: u32,
    /// Consecutive failures that make a target unhealthy.
    pub unhealthy_threshold: u32,
    /// The status codes that are a success.
    pub matcher: Matcher,
}

/// One instance's registration in one target group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The instance's id.
    pub instance_id: String,
    /// Where its process listens.
    pub address: SocketAddr,
    /// Its health, as the target group's owner has it.
    pub state: TargetState,
}

/// The health of a target, in AWS's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetState {
    /// Registered; no health check has come out yet.
    Initial,
    /// Gets requests.
    Healthy,
    /// Gets requests only when no target of the group is healthy.
    Unhealthy,
    /// Deregistering: finishes what is in flight, gets nothing new.
    Draining,
}

/// The status codes that a health check accepts, such as `200` or `200-299,302`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher(Vec<RangeInclusive<u16>>);

/// A matcher that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "health check matcher: found `{0}`; allowed are codes from 200 to 499 and ranges of them, such as `200-299,302`"
)]
pub struct MatcherError(String);

impl Table {
    pub(crate) fn targets(&self) -> impl Iterator<Item = &Target> {
        self.target_groups.iter().flat_map(|group| &group.targets)
    }

    pub(crate) fn targets_mut(&mut self) -> impl Iterator<Item = &mut Target> {
        self.target_groups.iter_mut().flat_map(|group| &mut group.targets)
    }
}

impl Target {
    /// Nothing listens there any more. A draining one gets nothing new as it is.
    pub(crate) fn end(&mut self) {
        if self.state != TargetState::Draining {
            self.state = TargetState::Unhealthy;
        }
    }
}

impl Rule {
    pub(crate) fn matches(&self, method: &Method, path: &str) -> bool {
        (self.methods.is_empty() || self.methods.contains(method))
            && (self.paths.is_empty() || self.paths.iter().any(|pattern| pattern.matches(path)))
    }
}

impl PathPattern {
    fn matches(&self, path: &str) -> bool {
        matches(self.0.as_bytes(), path.as_bytes())
    }
}

impl From<&str> for PathPattern {
    fn from(pattern: &str) -> Self {
        Self(pattern.to_owned())
    }
}

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

    #[test]
    fn a_rule_matches_by_method_and_by_path() {
        let rule = Rule {
            priority: Some(10),
            methods: vec![Method::GET],
            paths: vec!["/dashboard".into(), "/portfolios/*".into()],
            target_group_arn: "any".to_owned(),
        };
        for (method, path, matched) in [
            (Method::GET, "/dashboard", true),
            (Method::POST, "/dashboard", false),
            (Method::GET, "/dashboard/", false),
            (Method::GET, "/portfolios/7/holdings", true),
            (Method::GET, "/portfolios", false),
        ] {
            assert_eq!(rule.matches(&method, path), matched, "{method} {path}");
        }
    }

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
