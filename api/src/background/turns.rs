//! Whose forecasts are computed when: who wrote at once, and what a change of prices means little by little.

use sqlx::{Connection, PgConnection};

use crate::portfolios::forecasts::due::{self, Reason};
use crate::portfolios::forecasts::refresh::{self, Changed};

/// Users who wrote, a round.
const WRITTEN_A_ROUND: u32 = 500;
/// Users whose tokens have other prices, a round. Each of their dashboards is read anew then, five statements, so all
/// at once they would take the database from everybody; so, some two hundred a second, ten thousand are done before
/// the next prices come.
const PRICED_A_ROUND: u32 = 40;

/// What a round did.
pub(super) struct Round {
    /// Those who have another forecast now.
    pub(super) changed: Changed,
    /// Whether nobody was due, so that the next round can wait for news.
    pub(super) was_idle: bool,
}

/// Computes the forecasts of those whose turn it is, in one transaction with the end of their marks.
pub(super) async fn round(connection: &mut PgConnection) -> sqlx::Result<Round> {
    let mut transaction = connection.begin().await?;
    let mut users = due::take(&mut transaction, Reason::Written, WRITTEN_A_ROUND).await?;
    users.extend(due::take(&mut transaction, Reason::Priced, PRICED_A_ROUND).await?);
    if users.is_empty() {
        return Ok(Round { changed: Changed::new(), was_idle: true });
    }
    let changed = refresh::users(&mut transaction, &users).await?;
    transaction.commit().await?;
    Ok(Round { changed, was_idle: false })
}
