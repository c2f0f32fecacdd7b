//! How many statements reach the database. sqlx tells each to `tracing`, and a test has its thread to itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry;

/// Counts this thread's statements for as long as it lives.
pub(crate) struct Statements {
    counter: Counter,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Counter(Arc<AtomicUsize>);

impl Statements {
    /// Counts from now on.
    pub(crate) fn count() -> Self {
        let counter = Counter::default();
        let guard = tracing::subscriber::set_default(registry().with(counter.clone()));
        Self { counter, _guard: guard }
    }

    /// How many there were since the last time.
    pub(crate) fn take(&self) -> usize {
        self.counter.0.swap(0, Relaxed)
    }
}

impl<S: tracing::Subscriber> Layer<S> for Counter {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            self.0.fetch_add(1, Relaxed);
        }
    }
}
