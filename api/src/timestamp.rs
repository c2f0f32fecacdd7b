//! Points in time as the front end reads them: `2025-01-31T12:00:00.000Z`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
/// Years that a column and the format above both hold.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9998;
const FORMAT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// A `timestamp(3)` of the database, which is in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct Timestamp(PrimitiveDateTime);

impl Timestamp {
    /// This moment.
    pub fn now() -> Self {
        OffsetDateTime::now_utc().into()
    }
}

impl Timestamp {
    /// A moment as clients write it (RFC 3339; in UTC where they name no zone), or a day, which begins at midnight UTC.
    pub fn read(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc3339);
        let moment = moment.or_else(|_no_zone| OffsetDateTime::parse(&format!("{text}Z"), &Rfc3339)).ok();
        let moment = moment.and_then(|moment| moment.checked_to_offset(UtcOffset::UTC)).map(Self::from);
        let day = || Date::parse(text, DAY).ok().map(|day| Self(PrimitiveDateTime::new(day, Time::MIDNIGHT)));
        moment.or_else(day).filter(|moment| YEARS.contains(&moment.0.year()))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&String::deserialize(deserializer)?)
            .ok_or_else(|| D::Error::custom("is not a date such as 2025-01-31T12:00:00.000Z or 2025-01-31"))
    }
}

impl JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date-time"})
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(moment: OffsetDateTime) -> Self {
        let utc = moment.to_utc();
        Self(PrimitiveDateTime::new(utc.date(), utc.time()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.format(FORMAT).map_err(S::Error::custom)?;
        serializer.serialize_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_with_milliseconds_in_utc() {
        let moment = OffsetDateTime::from_unix_timestamp_nanos(1_738_324_800_007_999_000).unwrap();
        assert_eq!(serde_json::to_string(&Timestamp::from(moment)).unwrap(), r#""2025-01-31T12:00:00.007Z""#);
    }

    #[test]
    fn is_read_with_any_offset_or_as_a_day() {
        let read = |text| Timestamp::read(text).map(|moment| serde_json::to_string(&moment).unwrap());
        assert_eq!(read("2025-01-31T13:00:00.0079+01:00").unwrap(), r#""2025-01-31T12:00:00.007Z""#);
        assert_eq!(read("2025-01-31").unwrap(), r#""2025-01-31T00:00:00.000Z""#);
        assert_eq!(read("2025-02-01T10:00:00").unwrap(), r#""2025-02-01T10:00:00.000Z""#);
        for bad in [
            "",
            "yesterday",
            "2025-02-30",
            "2025-01-31Z",
            "2025-01-31T13:00:00+01:00Z",
            "0000-01-01",
            "9999-12-31T23:59:59-01:00",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
