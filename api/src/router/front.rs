//! What every request passes and every answer gets, whatever its route.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::{CONNECTION, HeaderName};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::compressed::compress_once;
use crate::observed::observe;
use crate::state::AppState;

/// Says which instance answered.
pub(super) const SERVER_INSTANCE: HeaderName = HeaderName::from_static("server-instance");

/// The front of all fences.
pub(super) struct Front {
    pub(super) state: AppState,
    /// Goes into every answer.
    pub(super) instance_id: Option<HeaderValue>,
}

impl Front {
    /// The layer: counts a request, and signs its answer.
    pub(super) async fn pass(State(front): State<Arc<Self>>, request: Request, next: Next) -> Response {
        let answer = |request| async {
            let answer = compress_once(request, next).await.into_response();
            front.signed(answer)
        };
        observe(&front.state, request, answer).await
    }

    /// With the instance's name; while draining, each answer asks its connection to go elsewhere.
    fn signed(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers.extend(self.instance_id.clone().map(|id| (SERVER_INSTANCE, id)));
        if self.state.draining.is_cancelled() {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
