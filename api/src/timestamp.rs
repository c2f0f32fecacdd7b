//! Points in time as the front end reads them: `2025-01-31T12:00:00.000Z`.

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

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

impl From<OffsetDateTime> for Timestamp {
    fn from(moment: OffsetDateTime) -> Self {
        let utc = moment.to_offset(time::UtcOffset::UTC);
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
}
