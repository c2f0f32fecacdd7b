//! What the database's refusals mean.

use std::sync::Arc;

use super::Problem;

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_) => Self::DatabaseUnavailable(Arc::new(error)),
            sqlx::Error::Database(refusal) => match refusal.code().as_deref() {
                Some(QUERY_CANCELED) => Self::TimedOut,
                Some(UNIQUE_VIOLATION) => Self::Conflict("There is one already"),
                // Somebody deleted what this request was about, while it ran.
                Some(FOREIGN_KEY_VIOLATION) => Self::Conflict("It is in use, or what it belongs to is gone"),
                Some(SERIALIZATION_FAILURE | DEADLOCK_DETECTED | LOCK_NOT_AVAILABLE) => {
                    Self::Contended(Arc::new(error))
                }
                Some(NUMBER_OUT_OF_RANGE) => {
                    Self::invalid("body", "a product or a sum is larger than can be kept")
                }
                Some(UNTRANSLATABLE_CHARACTER) => Self::invalid("body", "holds a zero byte"),
                Some(code) if is_unavailable(code) => Self::DatabaseUnavailable(Arc::new(error)),
                _ => Self::Internal(Arc::new(error.into())),
            },
            _ => Self::Internal(Arc::new(error.into())),
        }
    }
}

// SQLSTATE codes, PostgreSQL's manual, appendix A.
const QUERY_CANCELED: &str = "57014";
const UNIQUE_VIOLATION: &str = "23505";
const FOREIGN_KEY_VIOLATION: &str = "23503";
/// On a hot standby also: it had to replay what the statement still needed.
const SERIALIZATION_FAILURE: &str = "40001";
const NUMBER_OUT_OF_RANGE: &str = "22003";
const UNTRANSLATABLE_CHARACTER: &str = "22P05";
/// A lock that others held for longer than one waits.
const LOCK_NOT_AVAILABLE: &str = "55P03";
const DEADLOCK_DETECTED: &str = "40P01";

/// SQLSTATE classes: connection exceptions, a login that is refused (credentials rotate), insufficient resources, a server that starts or stops, and a primary
/// that has become a replica.
fn is_unavailable(sqlstate: &str) -> bool {
    ["08", "28", "53", "57P", "25006"].iter().any(|class| sqlstate.starts_with(class))
}
