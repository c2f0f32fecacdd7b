//! Places of a user: so many of one kind of thing may be theirs at once at an instance.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::lock;
use crate::auth::UserId;

/// As many places for each user; those of one user share a `T`.
pub struct Places<T = ()> {
    each: u32,
    users: Arc<Users<T>>,
}

/// Who has taken places; who has none is not there.
type Users<T> = Mutex<HashMap<UserId, Taken<T>>>;

#[derive(Default)]
struct Taken<T> {
    places: u32,
    shared: T,
}

/// One of a user's places, until it is dropped.
pub struct Place<T = ()> {
    user: UserId,
    users: Arc<Users<T>>,
    shared: T,
}

impl<T: Clone + Default> Places<T> {
    /// So many places for each user.
    pub fn new(each: u32) -> Self {
        Self { each, users: Arc::default() }
    }

    /// A place of this user's, if one is free.
    pub fn take(&self, user: &UserId) -> Option<Place<T>> {
        let mut users = lock(&self.users);
        let taken = users.entry(user.clone()).or_default();
        if taken.places >= self.each {
            return None;
        }
        taken.places += 1;
        Some(Place { user: user.clone(), users: Arc::clone(&self.users), shared: taken.shared.clone() })
    }
}

impl<T> Place<T> {
    /// What all places of this user share, for as long as one of them is taken.
    pub fn shared(&self) -> &T {
        &self.shared
    }
}

impl<T> Drop for Place<T> {
    fn drop(&mut self) {
        let mut users = lock(&self.users);
        match users.get_mut(&self.user) {
            Some(taken) if taken.places > 1 => taken.places -= 1,
            _ => drop(users.remove(&self.user)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_so_many_places_and_others_have_theirs() {
        let places = Places::<()>::new(2);
        let (alice, bob) = (UserId::of("alice"), UserId::of("bob"));
        let first = places.take(&alice).unwrap();
        let _second = places.take(&alice).unwrap();
        assert!(places.take(&alice).is_none());
        assert!(places.take(&bob).is_some());
        drop(first);
        assert!(places.take(&alice).is_some(), "it was given back");
    }

    #[test]
    fn what_a_users_places_share_goes_with_the_last_and_so_does_the_user() {
        let places = Places::<Arc<()>>::new(2);
        let (alice, bob) = (UserId::of("alice"), UserId::of("bob"));
        let (first, second) = (places.take(&alice).unwrap(), places.take(&alice).unwrap());
        assert!(Arc::ptr_eq(first.shared(), second.shared()));
        assert!(!Arc::ptr_eq(first.shared(), places.take(&bob).unwrap().shared()));
        let before = Arc::clone(first.shared());
        drop((first, second));
        assert!(lock(&places.users).is_empty());
        assert!(!Arc::ptr_eq(&before, places.take(&alice).unwrap().shared()));
    }
}
