//! A filter that is asked of every line.
//!
//! A layer's own filter keeps its last answer until the line that was asked about is written. Where nobody writes one
//! after asking (`log::log_enabled!`, as sqlx does of statements and of the database's notices), the answer would be
//! taken for the next line's, if that is one of those about which nobody asks because the answer is always yes: it
//! would be lost. So the answer is never "always".

use tracing::metadata::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::{Context, Filter};

pub(super) struct Asked(pub(super) EnvFilter);

/// [`Filter::callsite_enabled`] is left as it is: "sometimes".
impl<S: Subscriber> Filter<S> for Asked {
    fn enabled(&self, metadata: &Metadata<'_>, context: &Context<'_, S>) -> bool {
        Filter::enabled(&self.0, metadata, context)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Filter::<S>::max_level_hint(&self.0)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        Filter::on_new_span(&self.0, attributes, id, context);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        Filter::on_record(&self.0, id, values, context);
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        Filter::on_enter(&self.0, id, context);
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        Filter::on_exit(&self.0, id, context);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        Filter::on_close(&self.0, id, context);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use tracing::callsite::Callsite;
    use tracing::metadata::Kind;
    use tracing::subscriber::Interest;
    use tracing::{Event, Level, dispatcher, metadata};
    use tracing_subscriber::layer::{Layer, SubscriberExt};

    use super::*;

    struct Count(Arc<AtomicUsize>);

    impl<S: Subscriber> Layer<S> for Count {
        fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    /// What `log::log_enabled!` asks, of what the filter does not let through.
    struct Question;

    static QUESTION: Metadata<'static> = metadata! {
        name: "question",
        target: "chatty",
        level: Level::INFO,
        fields: &[],
        callsite: &Question,
        kind: Kind::EVENT,
    };

    impl Callsite for Question {
        fn set_interest(&self, _: Interest) {}

        fn metadata(&self) -> &Metadata<'_> {
            &QUESTION
        }
    }

    #[test]
    fn a_question_costs_no_line() {
        let lines = Arc::new(AtomicUsize::new(0));
        let filter = Asked(EnvFilter::new("info,chatty=warn"));
        let log = tracing_subscriber::registry().with(Count(Arc::clone(&lines)).with_filter(filter));
        tracing::subscriber::with_default(log, || {
            for _ in 0..3 {
                dispatcher::get_default(|log| log.enabled(&QUESTION));
                tracing::warn!("of another target");
            }
        });
        assert_eq!(lines.load(Relaxed), 3);
    }
}
