//! Writing what is a user's: one transaction that locks them, marks their forecasts as due where these rest on what is
//! written, and at its end word to all.

use std::ops::{Deref, DerefMut};

use sqlx::{PgConnection, Postgres, Transaction};

use crate::auth::{AuthError, UserId};
use crate::cache::Event;
use crate::portfolios::forecasts::due;
use crate::problem::Problem;
use crate::state::AppState;

/// A transaction on the primary. Of one user's writes there is one at a time; dropped, it is undone.
pub struct Write {
    transaction: Transaction<'static, Postgres>,
    state: AppState,
    user: UserId,
}

impl Write {
    /// Waits until the user's other writes are done. A token may outlive its user: who is gone is not authorised.
    pub async fn begin(state: &AppState, user: &UserId) -> Result<Self, Problem> {
        let mut transaction = state.database.begin().await?;
        let is_there = due::mark(&mut transaction, user).await?;
        Self::of_somebody(transaction, is_there, state, user)
    }

    /// The same for what no forecast rests on.
    pub async fn begin_beside_forecasts(state: &AppState, user: &UserId) -> Result<Self, Problem> {
        let mut transaction = state.database.begin().await?;
        let is_there = lock(&mut transaction, user).await?;
        Self::of_somebody(transaction, is_there, state, user)
    }

    fn of_somebody(
        transaction: Transaction<'static, Postgres>,
        is_there: bool,
        state: &AppState,
        user: &UserId,
    ) -> Result<Self, Problem> {
        if !is_there {
            return Err(AuthError::Invalid.into());
        }
        Ok(Self { transaction, state: state.clone(), user: user.clone() })
    }

    /// Counts tokens that the user is the first to name; an error where they are too many.
    pub fn count_new_tokens(&self, count: u64) -> Result<(), Problem> {
        self.state.limits.check_new_tokens(&self.user, count.try_into().unwrap_or(u32::MAX))
    }

    /// Ends it. What is kept of the user's is no longer true then, and whoever shows it is told.
    pub async fn commit(self) -> sqlx::Result<()> {
        self.transaction.commit().await?;
        self.state.cache.tell(Event::Written(self.user.as_str().into())).await;
        Ok(())
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
