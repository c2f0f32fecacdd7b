//! Times on the command line: an instant, or how long ago.

use std::time::Duration;

use crate::clock::Clock;

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Point {
    /// Unix seconds.
    At(f64),
    /// Before now.
    Ago(Duration),
}

impl Point {
    /// Unix seconds.
    pub(super) fn unix_s(self, clock: Clock) -> f64 {
        match self {
            Self::At(unix_s) => unix_s,
            Self::Ago(duration) => clock.now() - duration.as_secs_f64(),
        }
    }
}

/// RFC 3339, or a duration such as `90m`.
pub(super) fn parse(text: &str) -> Result<Point, String> {
    if let Ok(duration) = humantime::parse_duration(text) {
        return Ok(Point::Ago(duration));
    }
    let timestamp: jiff::Timestamp = text
        .parse()
        .map_err(|_| "neither a time like 2026-03-01T12:00:00Z nor an age like 90m".to_owned())?;
    Ok(Point::At(timestamp.as_millisecond() as f64 / 1_000.0))
}

/// An age as people say it: the two largest units.
pub(super) fn age(seconds: f64) -> String {
    let whole = Duration::from_secs(seconds.max(0.0).round() as u64);
    let text = humantime::format_duration(whole).to_string();
    text.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_an_instant_or_an_age() {
        assert_eq!(parse("1970-01-01T00:01:00Z"), Ok(Point::At(60.0)));
        assert_eq!(parse("90m"), Ok(Point::Ago(Duration::from_mins(90))));
        assert!(parse("yesterday").is_err());
    }

    #[test]
    fn an_age_has_two_units() {
        assert_eq!(age(93_784.0), "1day 2h");
        assert_eq!(age(-1.0), "0s");
    }
}
