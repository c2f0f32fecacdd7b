//! How many statements reach the database. sqlx tells each to `tracing`, and a test has its thread to itself.

use std::cell::Cell;
use std::sync::Once;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry;

thread_local! {
    static STATEMENTS: Cell<usize> = const { Cell::new(0) };
}

/// Counts this thread's statements.
pub(crate) struct Statements;

struct Counter;

impl Statements {
    /// Counts from now on. One subscriber for all threads: tracing remembers what subscribers want to hear by the
    /// place in the code, and one that only a thread has can be forgotten there.
    pub(crate) fn count() -> Self {
        static LISTENS: Once = Once::new();
        LISTENS.call_once(|| {
            let statements = Targets::new().with_target("sqlx::query", LevelFilter::DEBUG);
            tracing::subscriber::set_global_default(registry().with(Counter.with_filter(statements)))
                .unwrap();
        });
        STATEMENTS.set(0);
        Self
    }

    /// How many there were since the last time.
    #[expect(clippy::unused_self, reason = "nobody counts before the subscriber is there")]
    pub(crate) fn take(&self) -> usize {
        STATEMENTS.take()
    }
}

impl<S: tracing::Subscriber> Layer<S> for Counter {
    fn on_event(&self, _: &tracing::Event<'_>, _: Context<'_, S>) {
        STATEMENTS.set(STATEMENTS.get() + 1);
    }
}
