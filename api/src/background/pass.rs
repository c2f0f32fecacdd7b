//! What a change of prices means for forecasts, worked off little by little.

use sqlx::PgConnection;

use crate::prices::keeper;

/// Users a round. Each of their dashboards is read anew then, five statements, so all at once they would take the
/// database from everybody; so, some two hundred a second, ten thousand are done before the next prices come.
const USERS_A_ROUND: u32 = 40;

/// The users whose forecasts rest on some tokens, in the order of their ids.
pub(super) struct Pass {
    tokens: Vec<String>,
    after: String,
}

impl Pass {
    /// A pass for the prices that have changed enough since the last one; none where none has.
    pub(super) async fn begin(connection: &mut PgConnection) -> sqlx::Result<Option<Self>> {
        let tokens = keeper::due_for_forecasts(connection).await?;
        Ok(if tokens.is_empty() { None } else { Some(Self { tokens, after: String::new() }) })
    }

    /// The next users; none when all have had their turn.
    pub(super) async fn next(&mut self, connection: &mut PgConnection) -> sqlx::Result<Vec<String>> {
        let users = keeper::holders(connection, &self.tokens, &self.after, USERS_A_ROUND).await?;
        if let Some(last) = users.last() {
            self.after.clone_from(last);
        }
        Ok(users)
    }
}
