//! An answer that the cache keeps.

use std::marker::PhantomData;
use std::sync::Arc;

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use axum::Json;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderName};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use crate::cache::{Entry, Outcome};
use crate::problem::Problem;

/// RFC 9211; tells operators and tests what the caches did.
pub(crate) const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// A `T` that was written out before.
#[derive(Debug)]
pub struct Kept<T>(Response, PhantomData<fn() -> T>);

impl<T> Kept<T> {
    /// The answer that an entry is: the document, or that there is none.
    pub fn new(entry: &Arc<Entry>, outcome: Outcome) -> Result<Self, Problem> {
        let (json, etag) = entry.document().map_err(Problem::NotFound)?;
        let mut response = json.clone().into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_STATUS, HeaderValue::from_static(outcome.status()));
        headers.extend(HeaderValue::from_str(etag).ok().map(|etag| (ETAG, etag)));
        // For the layer that keeps its compressed forms with it.
        response.extensions_mut().insert(Arc::clone(entry));
        Ok(Self(response, PhantomData))
    }
}

impl<T: Serialize> Kept<T> {
    /// The answer that a document is which nobody keeps.
    pub fn anew(document: &T) -> Result<Self, Problem> {
        let json = serde_json::to_vec(document)?;
        let content_type = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        Ok(Self((content_type, json).into_response(), PhantomData))
    }
}

impl<T> IntoResponse for Kept<T> {
    fn into_response(self) -> Response {
        self.0
    }
}

impl<T: JsonSchema> OperationOutput for Kept<T> {
    type Inner = T;

    fn operation_response(context: &mut GenContext, operation: &mut Operation) -> Option<Documented> {
        Json::<T>::operation_response(context, operation)
    }

    fn inferred_responses(
        context: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<u16>, Documented)> {
        Json::<T>::inferred_responses(context, operation)
    }
}
