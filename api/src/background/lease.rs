//! Who may work: whoever holds an advisory lock of the primary. It goes with its connection, so a process that dies
//! holds nothing, and there is no clock to disagree about.

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use crate::database::Database;

/// The lock's name: "exstrat" in ASCII.
const LOCK: i64 = 0x0065_7873_7472_6174;

/// The right to work, and the connection that holds it.
pub(super) struct Lease(PgConnection);

impl Lease {
    /// The lease, unless somebody else has it.
    pub(super) async fn take(database: &Database) -> sqlx::Result<Option<Self>> {
        let mut connection = database.connect_to_primary().await?;
        let taken = sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock($1) AS "taken!""#, LOCK)
            .fetch_one(&mut connection)
            .await?;
        if taken {
            return Ok(Some(Self(connection)));
        }
        connection.close().await?;
        Ok(None)
    }

    /// The connection that holds the lease: work on it fails when the lease is lost.
    pub(super) fn connection(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}
