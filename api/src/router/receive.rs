//! A body is read before its request takes a place among those that are served: whoever sends slowly keeps nobody
//! else waiting. Its room is taken as its bytes arrive: whoever announces much and sends nothing takes none.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use bytes::BytesMut;
use http_body_util::BodyExt;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::admission::{none_shed_yet, shed};
use crate::auth::UserId;
use crate::limits::{Place, Places};
use crate::problem::Problem;

/// How long a body may take to arrive: the largest at 4 Mbit/s.
const PATIENCE: Duration = Duration::from_secs(5);
/// An import of 1,000 transactions with long notes fits.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// What nobody in particular may send: an address, a password, a name.
const MAX_ANONYMOUS_BYTES: usize = 4 * 1024;
/// Bytes of users' bodies in memory at once: thirty of the largest imports, and of the small ones any number.
const ROOM_BYTES: usize = 32 * MAX_BYTES;
/// Those of nobody's have a room of their own: neither imports nor sign-ins shut the others out.
const ANONYMOUS_ROOM_BYTES: usize = 1024 * MAX_ANONYMOUS_BYTES;
/// Bodies of a user in memory at once: as many as their writes may be, and the largest of them fill half the room.
const OF_A_USER: u32 = 16;
/// When a user with too many bodies at once may try again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The bodies in memory.
pub(super) struct Bodies {
    /// How many bytes each may have.
    max_bytes: usize,
    /// As the metrics call it.
    name: &'static str,
    room: Semaphore,
    places: Places,
    patience: Duration,
}

/// What a body takes for as long as it is in memory.
pub(super) struct Held<'a> {
    _room: SemaphorePermit<'a>,
    _place: Option<Place>,
}

impl Bodies {
    /// Those of users.
    pub(super) fn of_users() -> Self {
        Self::new("bodies", MAX_BYTES, ROOM_BYTES)
    }

    /// Those of whoever is not known yet.
    pub(super) fn of_nobody() -> Self {
        Self::new("anonymous_bodies", MAX_ANONYMOUS_BYTES, ANONYMOUS_ROOM_BYTES)
    }

    fn new(name: &'static str, max_bytes: usize, room_bytes: usize) -> Self {
        let (room, places) = (Semaphore::new(room_bytes), Places::new(OF_A_USER));
        none_shed_yet(name);
        Self { max_bytes, name, room, places, patience: PATIENCE }
    }

    /// The request when its body is there, and what that takes.
    pub(super) async fn receive(&self, request: Request) -> Result<(Request, Option<Held<'_>>), Problem> {
        if request.body().is_end_stream() {
            return Ok((request, None));
        }
        let place = self.place_of(request.extensions().get())?;
        let (parts, body) = request.into_parts();
        let read = tokio::time::timeout(self.patience, self.read(body)).await;
        let (bytes, room) = read.unwrap_or(Err(Problem::SlowBody))?;
        Ok((Request::from_parts(parts, Body::from(bytes)), Some(Held { _room: room, _place: place })))
    }

    fn place_of(&self, user: Option<&UserId>) -> Result<Option<Place>, Problem> {
        let refused = Problem::TooManyRequests { retry_after: RETRY_AFTER };
        user.map(|user| self.places.take(user).ok_or(refused)).transpose()
    }

    /// Into one piece: a body in a million pieces would take many times its bytes.
    async fn read(&self, mut body: Body) -> Result<(Bytes, SemaphorePermit<'_>), Problem> {
        self.fits(body.size_hint().lower())?;
        let (mut bytes, mut room) = (BytesMut::new(), self.take(0)?);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_broken| Problem::Malformed("the body ended early".to_owned()))?;
            let piece = frame.into_data().unwrap_or_default();
            self.fits((bytes.len() + piece.len()) as u64)?;
            room.merge(self.take(piece.len())?);
            bytes.extend_from_slice(&piece);
        }
        Ok((bytes.freeze(), room))
    }

    fn fits(&self, bytes: u64) -> Result<(), Problem> {
        if bytes <= self.max_bytes as u64 { Ok(()) } else { Err(Problem::TooLarge) }
    }

    fn take(&self, bytes: usize) -> Result<SemaphorePermit<'_>, Problem> {
        self.room.try_acquire_many(bytes as u32).map_err(|_full| shed(self.name))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::FutureExt;
    use futures::stream::{StreamExt, iter, pending};

    use super::*;

    /// These bytes, a piece each, and then nothing for ever.
    fn stalled(pieces: &[&'static str]) -> Body {
        let pieces: Vec<_> = pieces.iter().map(|piece| Ok::<_, Infallible>(Bytes::from(*piece))).collect();
        Body::from_stream(iter(pieces).chain(pending()))
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_has_its_time() {
        let bodies = Bodies::new("test", 10, 100);
        let receive = async |body| bodies.receive(Request::new(body)).await.map(|_received| ());
        assert!(matches!(receive(stalled(&["slow"])).await, Err(Problem::SlowBody)));
        assert!(receive(Body::from("in time")).await.is_ok());
        assert_eq!(bodies.room.available_permits(), 100);
    }

    #[tokio::test]
    async fn a_body_is_received_as_it_was_sent_or_not_at_all() {
        let bodies = Bodies::new("test", 10, 100);
        let pieces = |pieces: &'static [&str]| {
            Body::from_stream(iter(pieces).map(|piece| Ok::<_, Infallible>(Bytes::from(*piece))))
        };
        let read = async |body| bodies.read(body).await.map(|(bytes, _room)| bytes);
        assert_eq!(read(pieces(&["in ", "", "pieces"])).await.unwrap(), "in pieces");
        for too_long in [pieces(&["in ", "pieces, too long"]), Body::from("longer than ten")] {
            assert!(matches!(read(too_long).await, Err(Problem::TooLarge)));
        }
        let broken = Body::from_stream(iter([Ok(Bytes::from("half")), Err(std::io::Error::other("gone"))]));
        assert!(matches!(read(broken).await, Err(Problem::Malformed(_))));
        assert_eq!(bodies.room.available_permits(), 100);
    }

    #[tokio::test]
    async fn room_is_taken_by_what_has_arrived_and_given_back() {
        let bodies = Bodies::new("test", 10, 10);
        let receive = |body| bodies.receive(Request::new(body));
        let mut arriving = Box::pin(receive(stalled(&["four", "six"])));
        assert!((&mut arriving).now_or_never().is_none());
        let received = receive(Body::from("ten")).await.unwrap();
        assert!(matches!(receive(Body::from("full")).await, Err(Problem::Overloaded { .. })));
        drop(arriving);
        assert!(receive(Body::from("seven b")).await.is_ok(), "who goes away gives it back");
        drop(received);
        assert!(receive(Body::from("ten bytes!")).await.is_ok(), "and who was served");
    }
}
