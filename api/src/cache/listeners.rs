//! Who wants to hear what happens: all of it, or only what concerns everybody or one user. A fleet's events are many
//! and a user's few, so a thousand open dashboards must not each be woken by all of them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::broadcast::{Receiver, Sender, channel};

use super::document::Scope;
use super::events::Event;

/// Events that a slow listener to everything may fall behind.
const BACKLOG: usize = 4096;
/// The same for one user's: who falls behind is told that something has changed, and loads it.
const BACKLOG_OF_ONE: usize = 4;

pub(super) struct Listeners {
    all: Sender<Event>,
    public: Sender<Utf8Bytes>,
    users: Mutex<HashMap<String, Sender<Utf8Bytes>>>,
}

impl Listeners {
    pub(super) fn new() -> Self {
        Self { all: channel(BACKLOG).0, public: channel(BACKLOG_OF_ONE).0, users: Mutex::default() }
    }

    pub(super) fn to_all(&self) -> Receiver<Event> {
        self.all.subscribe()
    }

    pub(super) fn to_public(&self) -> Receiver<Utf8Bytes> {
        self.public.subscribe()
    }

    pub(super) fn to_user(&self, user: &str) -> Receiver<Utf8Bytes> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        users.entry(user.to_owned()).or_insert_with(|| channel(BACKLOG_OF_ONE).0).subscribe()
    }

    /// Nobody may be listening, which is no error.
    pub(super) fn tell(&self, event: &Event) {
        let _ = self.all.send(event.clone());
        match event.scope() {
            Scope::Public(_) if self.public.receiver_count() == 0 => {}
            Scope::Public(_) => drop(self.public.send(event.message())),
            Scope::User(user) => self.tell_user(&user, event),
        }
    }

    fn tell_user(&self, user: &str, event: &Event) {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        let is_gone = users.get(user).is_some_and(|listeners| listeners.send(event.message()).is_err());
        if is_gone {
            users.remove(user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hears_its_own_and_the_gone_are_forgotten() {
        let listeners = Listeners::new();
        let mut all = listeners.to_all();
        let (mut to_alice, mut to_public) = (listeners.to_user("alice"), listeners.to_public());
        drop(listeners.to_user("bob"));
        let written = |user: &str| Event::Written(user.into());
        for event in [written("bob"), written("alice"), Event::Prices("[]".into())] {
            listeners.tell(&event);
            assert_eq!(all.try_recv(), Ok(event));
        }
        assert_eq!((to_alice.try_recv(), to_alice.len()), (Ok(written("alice").message()), 0));
        assert_eq!((to_public.try_recv(), to_public.len()), (Ok(Event::Prices("[]".into()).message()), 0));
        assert_eq!(listeners.users.lock().unwrap().len(), 1, "bob is forgotten");
    }

    #[test]
    fn a_thousand_who_hear_of_prices_share_one_copy_of_them() {
        let listeners = Listeners::new();
        let mut to_all: Vec<_> = (0..1000).map(|_| listeners.to_public()).collect();
        listeners.tell(&Event::Prices(r#"[{"price":1}]"#.into()));
        let told: Vec<_> = to_all.iter_mut().map(|to_one| to_one.try_recv().unwrap()).collect();
        assert_eq!(told[0].as_str(), r#"{"type":"prices","prices":[{"price":1}]}"#);
        assert!(told.iter().all(|message| message.as_ptr() == told[0].as_ptr()));
    }
}
