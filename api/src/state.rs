//! What every request shares.

use std::sync::Arc;

use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

use crate::auth::{AccessTokens, Passwords, UserId};
use crate::cache::Cache;
use crate::database::Database;

/// Cheap to clone: the parts are shared.
#[derive(Clone)]
pub struct AppState {
    /// PostgreSQL.
    pub database: Arc<Database>,
    /// Redis, or its absence.
    pub cache: Arc<Cache>,
    /// Whom we believe.
    pub access_tokens: Arc<AccessTokens>,
    /// How passwords are kept.
    pub passwords: Arc<Passwords>,
    /// Cancelled when the process begins to drain.
    pub draining: CancellationToken,
}

impl AppState {
    /// Where to read what is this user's.
    pub fn reads(&self, _user: &UserId) -> &PgPool {
        self.database.reads()
    }

    /// Something of the user's has changed: what is kept of it is no longer true.
    pub async fn changed(&self, user: &UserId) {
        self.cache.forget(user).await;
    }
}
