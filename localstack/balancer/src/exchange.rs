//! One request's outcome: passed on, answered by the load balancer itself, or abandoned by its client.

use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{
    HeaderValue, Response, StatusCode,
    header::{CONTENT_TYPE, SERVER},
};
use http_body_util::{Either, Full};
use hyper_util::client::legacy;

use crate::{body::Answer, lock::lock, readings::LoadBalancerReading, routes::Group};

/// Why a request did not get a target's answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the request's target is not a path")]
    NotAPath,
    #[error("no rule matches")]
    NoRule,
    #[error("the target group has no registered target")]
    NoTarget,
    #[error("the target cannot be connected to")]
    Unreachable(#[source] legacy::Error),
    #[error("the target took too long to accept the connection")]
    ConnectTimeout(#[source] legacy::Error),
    #[error("the target broke off before its response's head")]
    BrokenOff(#[source] legacy::Error),
    #[error("the client broke off within its request")]
    ClientGone(#[source] legacy::Error),
    #[error("the target did not answer within the idle timeout")]
    IdleTimeout,
}

/// The accounting of a request. Dropped without an outcome, its client has left: hyper drops a request's future when
/// it sees the client's connection close.
#[derive(Debug)]
pub(crate) struct Exchange<'a> {
    edge: &'a Mutex<LoadBalancerReading>,
    group: Option<Arc<Group>>,
    open: bool,
}

/// AWS's own code for a client that closed its connection before it was answered.
const CLIENT_CLOSED_REQUEST: u16 = 460;

impl Failure {
    fn code(&self) -> u16 {
        match self {
            Self::NotAPath => 400,
            Self::ClientGone(_) => CLIENT_CLOSED_REQUEST,
            Self::Unreachable(_) | Self::BrokenOff(_) => 502,
            Self::NoRule | Self::NoTarget => 503,
            Self::ConnectTimeout(_) | Self::IdleTimeout => 504,
        }
    }
}

impl From<legacy::Error> for Failure {
    fn from(error: legacy::Error) -> Self {
        let hyper_error =
            std::error::Error::source(&error).and_then(|source| source.downcast_ref::<hyper::Error>());
        match hyper_error {
            _ if error.is_connect() && timed_out(&error) => Self::ConnectTimeout(error),
            _ if error.is_connect() => Self::Unreachable(error),
            // The user of hyper's client is this proxy, and the body it could not deliver is the client's.
            Some(cause) if cause.is_user() => Self::ClientGone(error),
            _ => Self::BrokenOff(error),
        }
    }
}

fn timed_out(error: &legacy::Error) -> bool {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::TimedOut)
}

impl<'a> Exchange<'a> {
    pub(crate) fn open(edge: &'a Mutex<LoadBalancerReading>, group: Option<Arc<Group>>) -> Self {
        Self { edge, group, open: true }
    }

    pub(crate) fn close(mut self, outcome: Result<Response<Answer>, Failure>) -> Response<Answer> {
        self.open = false;
        outcome.unwrap_or_else(|failure| {
            tracing::debug!(
                error = &failure as &dyn std::error::Error,
                "answered by the load balancer itself"
            );
            self.count(failure.code());
            own_page(failure.code())
        })
    }

    fn count(&self, code: u16) {
        *lock(self.edge).elb_codes.entry(code).or_default() += 1;
        if let Some(group) = &self.group {
            group.tally().elb_answered(code);
        }
    }
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        if self.open {
            self.count(CLIENT_CLOSED_REQUEST);
        }
    }
}

fn own_page(code: u16) -> Response<Answer> {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_GATEWAY);
    let title = format!("{code} {}", status.canonical_reason().unwrap_or("Client Closed Request"));
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body><center><h1>{title}</h1></center></body>\r\n</html>\r\n"
    );
    let mut response = Response::new(Either::Right(Full::new(Bytes::from(page))));
    *response.status_mut() = status;
    response.headers_mut().insert(SERVER, HeaderValue::from_static("awselb/2.0"));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}
