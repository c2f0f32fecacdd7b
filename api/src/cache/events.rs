//! Events: every instance learns of every write, so that its memory holds nothing that is no longer true.
//!
//! Redis's publish and subscribe forgets what nobody hears. So while an instance is not subscribed it does not
//! believe its memory, and when it is again it begins with an empty one.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use futures::StreamExt;
use redis::aio::PubSub;

use super::Cache;
use super::connection::addresses;
use super::document::Scope;

/// How long a subscription may take to be made, and how long after a failure the next is tried.
const PATIENCE: Duration = Duration::from_secs(1);
/// A silent subscription is asked whether it still stands.
const PING_EVERY: Duration = Duration::from_secs(2);

/// What somebody is told of whom something has changed that they must load to see.
pub static CHANGED: Utf8Bytes = Utf8Bytes::from_static(r#"{"type":"changed"}"#);

/// Between a user's id, which never holds one, and what follows.
const SEPARATOR: char = '\0';

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Something of this user's was written.
    Written(Arc<str>),
    /// This user's forecasts were computed anew, and some are others now: `[{"id", "summary"}]`. They come along so
    /// that whoever shows them need not ask.
    Forecasts(Arc<str>, Arc<str>),
    /// There are other prices: `GET /public/prices`.
    Prices(Arc<str>),
}

pub(super) struct Events {
    /// Of a cluster several nodes: each hears what is published at any other.
    nodes: Vec<redis::Client>,
    channel: String,
    are_heard: AtomicBool,
}

/// Where a namespace's events are published.
pub(super) fn channel(namespace: &str) -> String {
    format!("{namespace}:events")
}

impl Event {
    pub(super) fn encode(&self) -> String {
        match self {
            Self::Written(user) => format!("written {user}"),
            Self::Forecasts(user, json) => format!("forecasts {user}{SEPARATOR}{json}"),
            Self::Prices(json) => format!("prices {json}"),
        }
    }

    fn decode(message: &str) -> Option<Self> {
        match message.split_once(' ')? {
            ("written", user) => Some(Self::Written(user.into())),
            ("forecasts", both) => {
                let (user, json) = both.split_once(SEPARATOR)?;
                Some(Self::Forecasts(user.into(), json.into()))
            }
            ("prices", json) => Some(Self::Prices(json.into())),
            _ => None,
        }
    }

    /// What whoever shows it is told (`src/live.rs`): made once, however many listen. Whatever else happened is all in
    /// what they load again.
    pub(super) fn message(&self) -> Utf8Bytes {
        match self {
            Self::Prices(prices) => format!(r#"{{"type":"prices","prices":{prices}}}"#).into(),
            Self::Forecasts(_, forecasts) => {
                format!(r#"{{"type":"forecasts","forecasts":{forecasts}}}"#).into()
            }
            Self::Written(_) => CHANGED.clone(),
        }
    }

    /// The same for whoever hears of it late: what it says of forecasts may not be the last word any more, so they
    /// load again.
    pub(super) fn outdated(self) -> Self {
        match self {
            Self::Forecasts(user, _) => Self::Written(user),
            other => other,
        }
    }

    /// Whether what was before is no longer true, and not merely older: nobody may be shown it then.
    pub(super) fn is_write(&self) -> bool {
        matches!(self, Self::Written(_))
    }

    pub(super) fn scope(&self) -> Scope {
        match self {
            Self::Written(user) | Self::Forecasts(user, _) => Scope::User(user.to_string()),
            Self::Prices(_) => Scope::public(&super::Document::Prices),
        }
    }
}

impl Events {
    pub(super) fn at(url: &str, is_cluster: bool, namespace: &str) -> redis::RedisResult<Self> {
        let nodes = if is_cluster {
            addresses(url).map(redis::Client::open).collect::<redis::RedisResult<_>>()?
        } else {
            vec![redis::Client::open(url)?]
        };
        Ok(Self { nodes, channel: channel(namespace), are_heard: AtomicBool::new(false) })
    }

    pub(super) fn are_heard(&self) -> bool {
        self.are_heard.load(SeqCst)
    }

    /// A subscription at the first node that takes one.
    async fn subscribe(&self) -> Option<PubSub> {
        for node in &self.nodes {
            let subscribe = async {
                let mut subscription = node.get_async_pubsub().await?;
                subscription.subscribe(&self.channel).await?;
                redis::RedisResult::Ok(subscription)
            };
            if let Ok(Ok(subscription)) = tokio::time::timeout(PATIENCE, subscribe).await {
                return Some(subscription);
            }
        }
        None
    }
}

/// Subscribes, and goes on listening for as long as the cache lives.
pub(super) async fn follow(cache: &Arc<Cache>) {
    let Some(events) = &cache.events else { return };
    let subscription = events.subscribe().await;
    if subscription.is_some() {
        events.are_heard.store(true, SeqCst);
    }
    tokio::spawn(listen(Arc::downgrade(cache), subscription));
}

async fn listen(cache: Weak<Cache>, mut subscription: Option<PubSub>) {
    loop {
        if let Some(subscription) = subscription.take() {
            hear(&cache, subscription).await;
        }
        let Some(cache) = cache.upgrade() else { return };
        let Some(events) = &cache.events else { return };
        events.are_heard.store(false, SeqCst);
        cache.memory.forget_all();
        subscription = events.subscribe().await;
        if subscription.is_some() {
            cache.memory.forget_all();
            events.are_heard.store(true, SeqCst);
            continue;
        }
        drop(cache);
        tokio::time::sleep(PATIENCE).await;
    }
}

/// Until the subscription is lost, or the cache is gone.
async fn hear(cache: &Weak<Cache>, subscription: PubSub) {
    let (mut sink, mut messages) = subscription.split();
    loop {
        let message = match tokio::time::timeout(PING_EVERY, messages.next()).await {
            Ok(Some(message)) => message,
            Ok(None) => return,
            Err(_silence) => match tokio::time::timeout(PATIENCE, sink.ping::<redis::Value>()).await {
                Ok(Ok(_)) => continue,
                _ => return,
            },
        };
        let Some(cache) = cache.upgrade() else { return };
        if let Some(event) = message.get_payload::<String>().ok().as_deref().and_then(Event::decode) {
            cache.hear(&event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_survive_redis() {
        let user = || "user 1".into();
        let prices = Event::Prices(r#"[{"price": 1}]"#.into());
        let forecasts = Event::Forecasts(user(), r#"[{"id": "f 1"}]"#.into());
        for event in [Event::Written(user()), forecasts, prices] {
            assert_eq!(Event::decode(&event.encode()), Some(event));
        }
        assert_eq!(Event::decode("written"), None);
        assert_eq!(Event::decode("something else"), None, "from a later version");
    }

    #[test]
    fn late_summaries_are_no_news() {
        let forecasts = Event::Forecasts("alice".into(), "[]".into());
        assert_eq!(forecasts.outdated(), Event::Written("alice".into()));
        let prices = Event::Prices("[]".into());
        assert_eq!(prices.clone().outdated(), prices);
    }
}
