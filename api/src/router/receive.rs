//! A body is read before its request takes a place among those that are served: whoever sends slowly keeps nobody
//! else waiting.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::Request;
use http_body_util::LengthLimitError;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::admission::shed;
use crate::problem::Problem;

/// How long a body may take to arrive: the largest at 4 Mbit/s.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of bodies in memory at once: thirty of the largest imports, and of the small ones any number.
const ROOM_BYTES: usize = 64 * 1024 * 1024;

/// The bodies in memory.
#[derive(Clone)]
pub(super) struct Bodies {
    room: Arc<Semaphore>,
    max_bytes: u32,
    patience: Duration,
}

impl Default for Bodies {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(ROOM_BYTES)), max_bytes: 0, patience: PATIENCE }
    }
}

impl Bodies {
    /// Those that have at most so many bytes; they share their room with the others.
    pub(super) fn up_to(&self, max_bytes: u32) -> Self {
        Self { max_bytes, ..self.clone() }
    }

    /// The request when its body is there, and the room that the body takes as long as it is.
    pub(super) async fn receive(
        &self,
        request: Request,
    ) -> Result<(Request, Option<SemaphorePermit<'_>>), Problem> {
        if request.body().is_end_stream() {
            return Ok((request, None));
        }
        let (parts, body) = request.into_parts();
        let bytes = self.bytes_of(&body)?;
        let room = self.room.try_acquire_many(bytes).map_err(|_full| shed("bodies"))?;
        let bytes = self.read(body, bytes).await?;
        Ok((Request::from_parts(parts, Body::from(bytes)), Some(room)))
    }

    /// How many bytes a body has, or may have if it does not say so.
    fn bytes_of(&self, body: &Body) -> Result<u32, Problem> {
        match body.size_hint().upper() {
            Some(bytes) => {
                u32::try_from(bytes).ok().filter(|bytes| *bytes <= self.max_bytes).ok_or(Problem::TooLarge)
            }
            None => Ok(self.max_bytes),
        }
    }

    async fn read(&self, body: Body, max_bytes: u32) -> Result<Bytes, Problem> {
        match tokio::time::timeout(self.patience, to_bytes(body, max_bytes as usize)).await {
            Ok(read) => read.map_err(|error| broken(&error)),
            Err(_slow) => Err(Problem::SlowBody),
        }
    }
}

fn broken(error: &axum::Error) -> Problem {
    match error.source() {
        Some(cause) if cause.is::<LengthLimitError>() => Problem::TooLarge,
        _ => Problem::Malformed("the body ended early".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[tokio::test]
    async fn a_body_has_its_time() {
        let bodies = Bodies { patience: Duration::ZERO, ..Bodies::default().up_to(10) };
        let read = async |body: Body| bodies.read(body, 10).await;
        let never = Body::from_stream(futures::stream::pending::<Result<Bytes, Infallible>>());
        assert!(matches!(read(never).await, Err(Problem::SlowBody)));
        assert!(read(Body::from("in time")).await.is_ok_and(|bytes| bytes == "in time"));
        assert!(matches!(read(Body::from("longer than ten")).await, Err(Problem::TooLarge)));
    }
}
