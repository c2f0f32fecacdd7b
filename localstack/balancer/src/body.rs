//! Bodies on their way through: streamed, never gathered. Each piece postpones the idle timeout.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{Either, Full};
use hyper::body::Incoming;

use crate::{idle::IdleClock, routes::InFlight};

/// What a client gets: a target's body passed on, or the load balancer's own page.
pub(crate) type Answer = Either<Download, Full<Bytes>>;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A request's body, from client to target.
#[derive(Debug)]
pub(crate) struct Upload {
    body: Incoming,
    idle: IdleClock,
}

/// A response's body, from target to client. The request is in flight until this is dropped.
pub(crate) struct Download {
    body: Incoming,
    idle: IdleClock,
    expired: Pin<Box<dyn Future<Output = ()> + Send>>,
    _in_flight: InFlight,
}

impl Upload {
    pub(crate) fn new(body: Incoming, idle: IdleClock) -> Self {
        Self { body, idle }
    }
}

impl Download {
    pub(crate) fn new(body: Incoming, idle: IdleClock, in_flight: InFlight) -> Self {
        let expired = Box::pin(idle.clone().expired());
        Self { body, idle, expired, _in_flight: in_flight }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        self.idle.touch();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Body for Download {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            self.idle.touch();
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        ready!(self.expired.as_mut().poll(cx));
        Poll::Ready(Some(Err("the target's response stalled for the idle timeout".into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
