//! What the API is held against: an axum handler that returns bytes which it has in memory, and does nothing else.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{Path as InPath, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use tokio::net::TcpListener;

use crate::answers::{Answers, TAG};

/// Serves the answers kept in `folder` on this port of 127.0.0.1 until it is killed.
pub(super) async fn serve(folder: &Path, port: &str) -> Result<()> {
    let answers = Answers::load(folder)?;
    let listener = TcpListener::bind(("127.0.0.1", port.parse()?)).await.context("the port is taken")?;
    let routes = Router::new()
        .route("/plain/{user}", get(plain))
        .route("/zstd/{user}", get(zstd))
        .route("/unchanged/{user}", get(async || (StatusCode::NOT_MODIFIED, [(ETAG, TAG)])));
    let listener = axum::serve::ListenerExt::tap_io(listener, |connection| {
        // As the API does; without it small answers only wait.
        let _ = connection.set_nodelay(true);
    });
    axum::serve(listener, routes.with_state(Arc::new(answers))).await.context("the bare handler stopped")
}

async fn plain(State(answers): State<Arc<Answers>>, InPath(user): InPath<usize>) -> Response {
    ([(CONTENT_TYPE, "application/json")], of(&answers.plain, user)).into_response()
}

async fn zstd(State(answers): State<Arc<Answers>>, InPath(user): InPath<usize>) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CONTENT_ENCODING, "zstd")];
    (headers, of(&answers.zstd, user)).into_response()
}

fn of(bodies: &[Bytes], user: usize) -> Bytes {
    bodies.get(user).cloned().unwrap_or_default()
}
