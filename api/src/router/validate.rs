//! Entity tags (RFC 9110, section 8.8.3): who has an answer already is told that it still holds, in a few bytes.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;

use crate::cache::etag;
use crate::problem::Problem;

/// What the asker has already.
pub(super) struct Known {
    is_get: bool,
    tags: Option<HeaderValue>,
}

impl Known {
    pub(super) fn by(request: &Request) -> Self {
        Self { is_get: request.method() == Method::GET, tags: request.headers().get(IF_NONE_MATCH).cloned() }
    }

    /// Tags an answer to a GET, unless its handler did; whoever has it is answered 304 instead.
    pub(super) async fn validate(&self, response: Response) -> Result<Response, Problem> {
        if !self.is_get || response.status() != StatusCode::OK {
            return Ok(response);
        }
        let mut response = tagged(response).await?;
        let tag = response.headers().get(ETAG);
        if self.tags.as_ref().zip(tag).is_some_and(|(known, tag)| names(known, tag)) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = Body::empty();
            response.headers_mut().remove(CONTENT_LENGTH);
            response.headers_mut().remove(CONTENT_TYPE);
        }
        Ok(response)
    }
}

async fn tagged(response: Response) -> Result<Response, Problem> {
    if response.headers().contains_key(ETAG) {
        return Ok(response);
    }
    let (mut parts, body) = response.into_parts();
    // Handlers' bodies are in memory already.
    let bytes = to_bytes(body, usize::MAX).await.map_err(anyhow::Error::from)?;
    parts.headers.extend(HeaderValue::from_str(&etag(&bytes)).ok().map(|tag| (ETAG, tag)));
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

/// Whether `If-None-Match` names the tag; the comparison is the weak one.
fn names(known: &HeaderValue, tag: &HeaderValue) -> bool {
    fn opaque(tag: &str) -> &str {
        tag.trim().trim_start_matches("W/")
    }
    let (Ok(known), Ok(tag)) = (known.to_str(), tag.to_str()) else { return false };
    known.trim() == "*" || known.split(',').any(|candidate| opaque(candidate) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_among_others_however_weak() {
        let tag = HeaderValue::from_static("W/\"b\"");
        for known in ["W/\"b\"", "\"b\"", "\"a\", W/\"b\"", "*"] {
            assert!(names(&HeaderValue::from_static(known), &tag), "{known}");
        }
        for other in ["W/\"a\"", "", "b"] {
            assert!(!names(&HeaderValue::from_static(other), &tag), "{other}");
        }
    }
}
