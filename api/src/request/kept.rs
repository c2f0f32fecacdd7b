//! An answer that the cache keeps.

use std::marker::PhantomData;
use std::sync::Arc;

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use axum::Json;
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderName};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cache::{Entry, Outcome};
use crate::problem::Problem;

/// RFC 9211; tells operators and tests what the caches did.
pub(crate) const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// A `T` that was written out before.
#[derive(Debug)]
pub struct Kept<T> {
    json: Bytes,
    headers: HeaderMap,
    /// For the layer that keeps its compressed forms with it.
    entry: Option<Arc<Entry>>,
    of: PhantomData<fn() -> T>,
}

impl<T> Kept<T> {
    /// The answer that an entry is: the document, or that there is none.
    pub fn new(entry: &Arc<Entry>, outcome: Outcome) -> Result<Self, Problem> {
        let (json, etag) = entry.document().map_err(Problem::NotFound)?;
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_STATUS, HeaderValue::from_static(outcome.status()));
        headers.extend(HeaderValue::from_str(etag).ok().map(|etag| (ETAG, etag)));
        Ok(Self { json: json.clone(), headers, entry: Some(Arc::clone(entry)), of: PhantomData })
    }

    /// The answer that is made of what is kept; it may be tagged like it, since it follows from it.
    pub fn map<U>(self, make: impl FnOnce(&Bytes) -> serde_json::Result<Bytes>) -> Result<Kept<U>, Problem> {
        Ok(Kept { json: make(&self.json)?, headers: self.headers, entry: None, of: PhantomData })
    }

    /// The same without a tag, where several answers of one address are made of one document.
    #[must_use]
    pub fn untagged(mut self) -> Self {
        self.headers.remove(ETAG);
        self
    }

    /// The same with another header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.insert(name, value.into());
        self
    }
}

impl<T: Serialize> Kept<T> {
    /// The answer that a document is which nobody keeps.
    pub fn anew(document: &T) -> Result<Self, Problem> {
        let json = serde_json::to_vec(document)?.into();
        Ok(Self { json, headers: HeaderMap::new(), entry: None, of: PhantomData })
    }
}

impl<T> IntoResponse for Kept<T> {
    fn into_response(self) -> Response {
        let mut response = self.json.into_response();
        response.headers_mut().extend(self.headers);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(entry) = self.entry {
            response.extensions_mut().insert(entry);
        }
        response
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
