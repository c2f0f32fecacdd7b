//! What every request shares.

use std::ops::Deref;
use std::sync::Arc;

use serde::Serialize;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

use crate::auth::{AccessTokens, Passwords, UserId};
use crate::cache::{Cache, Document, Key};
use crate::database::Database;
use crate::limits::Limits;
use crate::observed::Publisher;
use crate::problem::Problem;
use crate::request::Kept;
use crate::write::Writers;

/// One pointer: each layer that a request passes clones what it wraps, and with it this.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// The parts.
#[derive(Clone)]
pub struct Parts {
    /// PostgreSQL.
    pub database: Arc<Database>,
    /// Memory and Redis, or their absence.
    pub cache: Arc<Cache>,
    /// Whom we believe.
    pub access_tokens: Arc<AccessTokens>,
    /// How passwords are kept.
    pub passwords: Arc<Passwords>,
    /// How often one may ask.
    pub limits: Arc<Limits>,
    /// Whose writes are under way.
    pub writers: Arc<Writers>,
    /// What CloudWatch is told of the dashboard.
    pub publisher: Arc<Publisher>,
    /// Cancelled when the process is warm enough to serve at full speed.
    pub warm: CancellationToken,
    /// Cancelled when the process begins to drain.
    pub draining: CancellationToken,
}

impl From<Parts> for AppState {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl AppState {
    /// Where to read what is this user's: for a while after they wrote the primary, so that they see what they wrote.
    pub fn reads(&self, user: &UserId) -> &PgPool {
        if self.cache.wrote_recently(user) { self.database.primary() } else { self.database.reads() }
    }

    /// A document of the user's, from the caches or by `load`.
    pub async fn kept_of<T, F>(
        &self,
        user: UserId,
        document: Document,
        load: impl Fn(Self, UserId) -> F + Send + Sync + 'static,
    ) -> Result<Kept<T>, Problem>
    where
        T: Serialize + Send + 'static,
        F: Future<Output = Result<T, Problem>> + Send + 'static,
    {
        self.kept(Key::of(&user, document), move |state| load(state, user.clone())).await
    }

    /// The same where it is kept at all; else it is loaded each time.
    pub async fn kept_if<T, F>(
        &self,
        user: UserId,
        document: Option<Document>,
        load: impl Fn(Self, UserId) -> F + Send + Sync + 'static,
    ) -> Result<Kept<T>, Problem>
    where
        T: Serialize + Send + 'static,
        F: Future<Output = Result<T, Problem>> + Send + 'static,
    {
        match document {
            Some(document) => self.kept_of(user, document, load).await,
            None => Kept::anew(&load(self.clone(), user).await?),
        }
    }

    /// The document under `key`, from the caches or by `load`.
    pub async fn kept<T, F>(
        &self,
        key: Key,
        load: impl Fn(Self) -> F + Send + Sync + 'static,
    ) -> Result<Kept<T>, Problem>
    where
        T: Serialize + Send + 'static,
        F: Future<Output = Result<T, Problem>> + Send + 'static,
    {
        let state = self.clone();
        let (entry, outcome) = self.cache.get(key, move || load(state)).await?;
        Kept::new(&entry, outcome)
    }
}
