//! Days, times of day and offsets from UTC, as people write them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub(crate) const DAY_S: f64 = 86_400.0;
const DAY_MIN: u16 = 1_440;
/// The most that a clock on Earth differs from UTC, in minutes west and east.
const OFFSETS_MIN: std::ops::RangeInclusive<i16> = -12 * 60..=14 * 60;

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Weekday {
    /// Monday first.
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// Of a day that is counted from 1970-01-01, a Thursday.
    pub(crate) fn of(day: i64) -> Self {
        Self::ALL[(day + 3).rem_euclid(7) as usize]
    }
}

/// A date: `2026-12-24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date {
    year: i64,
    month: i64,
    day: i64,
}

impl Date {
    /// The day that is so many days after 1970-01-01, in the proleptic Gregorian calendar.
    ///
    /// Hinnant, chrono-Compatible Low-Level Date Algorithms, 2013: years begin in March, so that a leap day is the
    /// last of its year, and come round every 400.
    pub(crate) fn of(days: i64) -> Self {
        let days = days + 719_468;
        let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day_of_year = day - (365 * year + year / 4 - year / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = year + 400 * era + i64::from(month <= 2);
        Self { year, month, day: day_of_year - (153 * from_march + 2) / 5 + 1 }
    }

    /// Days since 1970-01-01; the inverse of [`Date::of`], from the same source.
    pub(crate) fn days(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
        let from_march = (self.month + 9) % 12;
        let day = (153 * from_march + 2) / 5 + self.day - 1 + 365 * year + year / 4 - year / 100;
        era * 146_097 + day - 719_468
    }

    /// The first day of this month and of the next, in days since 1970-01-01.
    pub(crate) fn month(self) -> [i64; 2] {
        let first = Self { day: 1, ..self };
        let next = if self.month == 12 {
            Self { year: self.year + 1, month: 1, ..first }
        } else {
            Self { month: self.month + 1, ..first }
        };
        [first.days(), next.days()]
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || format!("{text:?} is not a date such as \"2026-12-24\"");
        let [year, month, day] = fields(text, '-').filter(|_| text.len() == 10).ok_or_else(refuse)?;
        let date = Self { year, month, day };
        // A date that does not exist comes back as another.
        if (1..=12).contains(&month) && Self::of(date.days()) == date { Ok(date) } else { Err(refuse()) }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A time of day to the minute, `00:00` to `24:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// Seconds after midnight.
    pub(crate) fn seconds(self) -> f64 {
        60.0 * f64::from(self.0)
    }
}

impl FromStr for TimeOfDay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let minutes = minutes(text).filter(|minutes| *minutes <= DAY_MIN);
        minutes.map(Self).ok_or_else(|| format!("{text:?} is not a time from \"00:00\" to \"24:00\""))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// How far a local clock is ahead of UTC: `+01:00`, `-05:30`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UtcOffset(i16);

impl UtcOffset {
    /// In seconds, positive in the east.
    pub(crate) fn seconds(self) -> f64 {
        60.0 * f64::from(self.0)
    }
}

impl FromStr for UtcOffset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (sign, digits) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
            (Some(digits), _) => (1, digits),
            (_, Some(digits)) => (-1, digits),
            _ => (0, ""),
        };
        let offset = minutes(digits).and_then(|minutes| i16::try_from(minutes).ok()).map(|m| sign * m);
        let known = offset.filter(|offset| OFFSETS_MIN.contains(offset));
        known.map(Self).ok_or_else(|| format!("{text:?} is not an offset from \"-12:00\" to \"+14:00\""))
    }
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, minutes) = (if self.0 < 0 { '-' } else { '+' }, self.0.abs());
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// `HH:MM` in minutes.
fn minutes(text: &str) -> Option<u16> {
    let [hours, minutes] = fields(text, ':').filter(|_| text.len() == 5)?;
    u16::try_from(hours * 60 + minutes).ok().filter(|_| minutes < 60)
}

/// Numbers between separators, exactly so many.
fn fields<const N: usize>(text: &str, separator: char) -> Option<[i64; N]> {
    let is_number = |field: &str| !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_digit());
    let fields = text.split(separator).map(|field| field.parse().ok().filter(|_| is_number(field)));
    fields.collect::<Option<Vec<i64>>>()?.try_into().ok()
}

/// Written and read as text.
macro_rules! as_text {
    ($($of:ty),*) => {$(
        impl TryFrom<String> for $of {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }

        impl From<$of> for String {
            fn from(value: $of) -> Self {
                value.to_string()
            }
        }
    )*};
}
pub(crate) use as_text;

as_text!(Date, TimeOfDay, UtcOffset);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970_and_leap_years_are_known() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2000-02-29", 11_016),
            ("2000-03-01", 11_017),
            ("2026-11-25", 20_782),
        ] {
            let date: Date = text.parse().unwrap();
            assert_eq!((date.days(), Date::of(days).to_string()), (days, text.to_owned()));
        }
        assert_eq!(
            [Weekday::of(0), Weekday::of(20_782), Weekday::of(-1)],
            [Weekday::Thu, Weekday::Wed, Weekday::Wed]
        );
    }

    #[test]
    fn a_month_ends_where_the_next_begins() {
        let days = |text: &str| text.parse::<Date>().unwrap().days();
        let month = |text: &str| text.parse::<Date>().unwrap().month();
        assert_eq!(month("2024-02-10"), [days("2024-02-01"), days("2024-03-01")]);
        assert_eq!(month("2026-12-31"), [days("2026-12-01"), days("2027-01-01")]);
    }

    #[test]
    fn what_is_not_a_date_a_time_or_an_offset_is_refused() {
        for text in ["2026-02-29", "2026-13-01", "2026-00-10", "26-01-01", "2026-1-01", "2026-01-011", ""] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        for text in ["24:01", "7:00", "12:60", "+1:00", "noon"] {
            assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
        }
        for text in ["01:00", "+15:00", "-12:01", "+1", "CET"] {
            assert!(text.parse::<UtcOffset>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_read_is_written_the_same() {
        for text in ["00:00", "09:05", "24:00"] {
            assert_eq!(text.parse::<TimeOfDay>().unwrap().to_string(), text);
        }
        for text in ["+00:00", "-05:30", "+14:00"] {
            assert_eq!(text.parse::<UtcOffset>().unwrap().to_string(), text);
        }
    }
}
