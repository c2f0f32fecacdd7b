//! Writing what is a user's: one transaction that locks them, marks their forecasts as due where these rest on what is
//! written, and at its end word to all.

mod writers;

use std::ops::{Deref, DerefMut};
use std::time::Instant;

use sqlx::{PgConnection, Postgres, Transaction};
use tracing::Instrument;

use crate::auth::{AuthError, UserId};
use crate::cache::Event;
use crate::portfolios::forecasts::due;
use crate::problem::Problem;
use crate::state::AppState;
use writers::Turn;
pub use writers::Writers;

/// A transaction on the primary. Of one user's writes there is one at a time; dropped, it is undone.
pub struct Write {
    transaction: Transaction<'static, Postgres>,
    state: AppState,
    user: UserId,
    /// Tokens that are there since this transaction.
    new_tokens: u32,
    /// Last, so that it is given on when the transaction is over.
    turn: Turn,
}

impl Write {
    /// Waits until the user's other writes are done: those at this instance before it takes a connection, then those
    /// elsewhere. A token may outlive its user: who is gone is not authorised.
    pub async fn begin(state: &AppState, user: &UserId) -> Result<Self, Problem> {
        let mut write = Self::in_turn(state, user).await?;
        let is_there = due::mark(&mut write, user).await?;
        write.of_somebody(is_there)
    }

    /// The same for what no forecast rests on.
    pub async fn begin_beside_forecasts(state: &AppState, user: &UserId) -> Result<Self, Problem> {
        let mut write = Self::in_turn(state, user).await?;
        let is_there = lock(&mut write, user).await?;
        write.of_somebody(is_there)
    }

    async fn in_turn(state: &AppState, user: &UserId) -> Result<Self, Problem> {
        let turn = state.writers.turn(user).await?;
        let transaction = state.database.begin().await?;
        Ok(Self { transaction, state: state.clone(), user: user.clone(), new_tokens: 0, turn })
    }

    fn of_somebody(self, is_there: bool) -> Result<Self, Problem> {
        if is_there { Ok(self) } else { Err(AuthError::Invalid.into()) }
    }

    /// How many tokens that nobody has named before the user may name in this transaction, besides those that it has.
    pub fn new_tokens_left(&self) -> usize {
        let left = self.state.limits.new_tokens.left(&self.user, Instant::now());
        left.saturating_sub(self.new_tokens) as usize
    }

    /// Counts tokens that it has. The user is charged for them once they are committed.
    pub fn count_new_tokens(&mut self, count: u64) {
        self.new_tokens = self.new_tokens.saturating_add(count.try_into().unwrap_or(u32::MAX));
    }

    /// What the user is told where none is left.
    pub fn too_many_new_tokens(&self) -> Problem {
        self.state.limits.new_tokens.refusal(&self.user, Instant::now())
    }

    /// Ends it. What is kept of the user's is no longer true then, and whoever shows it is told: also where the client
    /// is gone meanwhile or the request's time is over, and where nobody knows whether the database has committed.
    pub async fn commit(self) -> sqlx::Result<()> {
        let state = self.state.clone();
        state.writers.see_through(self.commit_and_tell().in_current_span()).await
    }

    async fn commit_and_tell(self) -> sqlx::Result<()> {
        let Self { transaction, state, user, new_tokens, turn: _turn } = self;
        let committed = transaction.commit().await;
        if committed.is_ok() {
            state.limits.new_tokens.charge(&user, new_tokens, Instant::now());
        }
        state.cache.tell(Event::Written(user.as_str().into())).await;
        committed
    }
}

/// Locks the user, if there is one, until the transaction ends. What refers to them may be inserted by others meanwhile.
async fn lock(connection: &mut PgConnection, user: &UserId) -> sqlx::Result<bool> {
    let locked = sqlx::query!(r#"SELECT id FROM "User" WHERE id = $1 FOR NO KEY UPDATE"#, user.as_str());
    Ok(locked.fetch_optional(connection).await?.is_some())
}

impl Deref for Write {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.transaction
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}
