//! A kept document is compressed once for each way that browsers ask for, and not once for each request.
//!
//! Which way, and how, is the compression layer's business: it works lazily, so an answer that it has wrapped costs
//! nothing until it is read. Here it is read once, and what came out is kept beside the document.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;

use crate::cache::Entry;
use crate::problem::Problem;

/// The answer of what is behind: the layer that compresses, and the route.
pub(super) async fn compress_once(request: Request, next: Next) -> Result<Response, Problem> {
    let is_get = request.method() == Method::GET;
    let mut response = next.run(request).await;
    let entry = response.extensions_mut().remove::<Arc<Entry>>();
    let Some(entry) = entry.filter(|_| is_get && response.status() == StatusCode::OK) else {
        return Ok(response);
    };
    let Some(encoding) = response.headers().get(CONTENT_ENCODING).cloned() else { return Ok(response) };
    let (mut parts, body) = response.into_parts();
    let compressed = match entry.compressed(&encoding) {
        Some(compressed) => compressed,
        None => keep(&entry, &encoding, body).await?,
    };
    parts.headers.insert(CONTENT_LENGTH, compressed.len().into());
    Ok(Response::from_parts(parts, compressed.into()))
}

async fn keep(entry: &Entry, encoding: &HeaderValue, body: Body) -> Result<Bytes, Problem> {
    let compressed = to_bytes(body, usize::MAX).await.map_err(anyhow::Error::from)?;
    entry.keep_compressed(encoding, compressed.clone());
    Ok(compressed)
}
