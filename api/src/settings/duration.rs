//! Durations as an operator writes them, such as `250ms` or `1m 30s`, within limits.

use std::ops::RangeInclusive;
use std::time::Duration;

/// The shortest that the database and the timers tell from "no limit" and "at once".
pub(super) const SHORTEST: Duration = Duration::from_millis(1);
/// Longer makes no sense of anything that is waited for; it is written in another unit by mistake.
pub(super) const LONGEST: Duration = Duration::from_hours(24);

/// What an operator wrote is none, or is not allowed here.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotAllowed {
    #[error("{0}; allowed is such as 250ms, 30s or 1m 30s")]
    NoDuration(#[from] humantime::DurationError),
    #[error(
        "{} is not allowed; allowed is {} to {}",
        humantime::format_duration(*.found),
        humantime::format_duration(*.allowed.start()),
        humantime::format_duration(*.allowed.end())
    )]
    Outside { found: Duration, allowed: RangeInclusive<Duration> },
}

/// A parser of durations within `allowed`.
pub(super) fn within(
    allowed: RangeInclusive<Duration>,
) -> impl Fn(&str) -> Result<Duration, NotAllowed> + Clone + Send + Sync + 'static {
    move |text| {
        let found = humantime::parse_duration(text)?;
        if allowed.contains(&found) {
            return Ok(found);
        }
        Err(NotAllowed::Outside { found, allowed: allowed.clone() })
    }
}
