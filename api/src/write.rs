//! Writing what is a user's: one transaction that also marks their forecasts as due, and at its end word to all.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::{PgConnection, Postgres, Transaction};

use crate::auth::UserId;
use crate::cache::{Cache, Event};
use crate::portfolios::forecasts::due;
use crate::state::AppState;

/// A transaction on the primary. Of one user's writes there is one at a time; dropped, it is undone.
pub struct Write {
    transaction: Transaction<'static, Postgres>,
    cache: Arc<Cache>,
    user: UserId,
}

impl Write {
    /// Waits until the user's other writes are done.
    pub async fn begin(state: &AppState, user: &UserId) -> sqlx::Result<Self> {
        let mut transaction = state.database.begin().await?;
        due::mark(&mut transaction, user).await?;
        Ok(Self { transaction, cache: Arc::clone(&state.cache), user: user.clone() })
    }

    /// Ends it. What is kept of the user's is no longer true then, and whoever shows it is told.
    pub async fn commit(self) -> sqlx::Result<()> {
        self.transaction.commit().await?;
        self.cache.tell(Event::Written(self.user.as_str().into())).await;
        Ok(())
    }
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
