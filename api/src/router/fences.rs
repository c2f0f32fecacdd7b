//! What a request passes before it is served, by the kind of its route: one layer a kind, and in it a line a fence.
//!
//! A layer each is dear: axum boxes whatever a layer wraps, and each layer that a request passes clones all that is
//! behind it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::layers::{private, read_again, to_be_kept_nowhere};
use super::receive::Bodies;
use super::validate::Known;
use crate::admission::Admission;
use crate::auth;
use crate::problem::Problem;
use crate::state::AppState;

/// The fences of one kind of route.
pub(super) struct Fences {
    pub(super) state: AppState,
    pub(super) bodies: Arc<Bodies>,
    pub(super) gate: Admission,
    /// A request that is served for longer is answered 503.
    pub(super) time_limit: Duration,
}

impl Fences {
    /// The layer of what is a user's own.
    pub(super) async fn private(State(fences): State<Arc<Self>>, request: Request, next: Next) -> Response {
        let is_read = request.method().is_safe();
        private(fences.identify_and_serve(request, next, is_read).await.into_response())
    }

    /// The layer of what is a user's own, where a body says what they want to read.
    pub(super) async fn question(State(fences): State<Arc<Self>>, request: Request, next: Next) -> Response {
        private(fences.identify_and_serve(request, next, true).await.into_response())
    }

    /// The layer of what is done with a token, also with one that has ended a while ago. Nothing of it writes.
    pub(super) async fn session(
        State(fences): State<Arc<Self>>,
        mut request: Request,
        next: Next,
    ) -> Response {
        let answer = async {
            auth::identify_session(&fences.state, &mut request)?;
            fences.receive_and_serve(request, next, true).await
        };
        to_be_kept_nowhere(answer.await.into_response())
    }

    /// The layer of where nobody is known yet.
    pub(super) async fn password(State(fences): State<Arc<Self>>, request: Request, next: Next) -> Response {
        let answer = fences.receive_and_serve(request, next, false).await.into_response();
        // Here, where it takes no place from those whose passwords are right.
        if let Some(Problem::WrongPassword { at }) = answer.extensions().get() {
            tokio::time::sleep_until(*at).await;
        }
        to_be_kept_nowhere(answer)
    }

    /// The layer of what is the same for everybody; nothing there reads a body.
    pub(super) async fn public(
        State(fences): State<Arc<Self>>,
        request: Request,
        next: Next,
    ) -> Result<Response, Problem> {
        let is_read = request.method().is_safe();
        fences.serve(request, next, is_read).await
    }

    async fn identify_and_serve(
        &self,
        mut request: Request,
        next: Next,
        is_read: bool,
    ) -> Result<Response, Problem> {
        auth::identify(&self.state, &mut request)?;
        self.receive_and_serve(request, next, is_read).await
    }

    async fn receive_and_serve(
        &self,
        request: Request,
        next: Next,
        is_read: bool,
    ) -> Result<Response, Problem> {
        let (request, _held) = self.bodies.receive(request).await?;
        self.serve(request, next, is_read).await
    }

    async fn serve(&self, request: Request, next: Next, is_read: bool) -> Result<Response, Problem> {
        let _place = self.gate.enter().await?;
        let known = Known::by(&request);
        let served = async {
            let response =
                if is_read { read_again(&self.state, request, next).await? } else { next.run(request).await };
            known.validate(response).await
        };
        tokio::time::timeout(self.time_limit, served).await.unwrap_or(Err(Problem::TimedOut))
    }
}
