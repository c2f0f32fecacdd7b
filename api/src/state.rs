//! What every request shares.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::auth::AccessTokens;
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
    /// Cancelled when the process begins to drain.
    pub draining: CancellationToken,
}
