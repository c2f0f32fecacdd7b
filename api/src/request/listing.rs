//! A list, whole or a page at a time. The body is the list itself either way, since the existing front end reads it
//! so; what a page needs besides is in its headers: how many items there are in all, and where the other pages are.

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{
    Header, HeaderStyle, Operation, ParameterSchemaOrContent, ReferenceOr, Response as Documented,
    SchemaObject,
};
use axum::http::HeaderValue;
use axum::http::header::{HeaderName, LINK};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Kept, Page};
use crate::problem::Problem;

/// How many items there are in all.
pub(crate) const TOTAL: HeaderName = HeaderName::from_static("x-total-count");

/// A list of `T`.
#[derive(Debug)]
pub struct Listing<T>(Kept<Vec<T>>);

/// A page as it is kept: its items, and how many there are in all.
#[derive(Debug, Serialize)]
pub struct Counted<T> {
    /// On all pages.
    pub total: i64,
    /// On this one.
    pub items: Vec<T>,
}

#[derive(Deserialize)]
struct Opened<'a> {
    total: i64,
    #[serde(borrow)]
    items: &'a RawValue,
}

impl<T> Listing<T> {
    /// All of it.
    pub fn whole(list: Kept<Vec<T>>) -> Self {
        Self(list)
    }

    /// A page of the list at `path`.
    pub fn page(kept: Kept<Counted<T>>, page: Page, path: &str) -> Result<Self, Problem> {
        let mut total = 0;
        let items = kept.map(|json: &Bytes| {
            let opened: Opened = serde_json::from_slice(json)?;
            total = opened.total;
            Ok(json.slice_ref(opened.items.get().as_bytes()))
        })?;
        let links = HeaderValue::from_str(&page.links(path, total)).map_err(anyhow::Error::from)?;
        Ok(Self(items.with(TOTAL, total).with(LINK, links)))
    }
}

impl<T> IntoResponse for Listing<T> {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl<T: JsonSchema> OperationOutput for Listing<T> {
    type Inner = Vec<T>;

    fn operation_response(context: &mut GenContext, operation: &mut Operation) -> Option<Documented> {
        let mut response = Kept::<Vec<T>>::operation_response(context, operation)?;
        for (name, header) in [
            ("X-Total-Count", header::<i64>(context, "Of a page: how many items there are in all")),
            ("Link", header::<String>(context, "Of a page: the first, prev, next and last one (RFC 8288)")),
        ] {
            response.headers.insert(name.to_owned(), ReferenceOr::Item(header));
        }
        Some(response)
    }

    fn inferred_responses(
        context: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<u16>, Documented)> {
        Self::operation_response(context, operation).map(|list| (Some(200), list)).into_iter().collect()
    }
}

fn header<T: JsonSchema>(context: &mut GenContext, description: &str) -> Header {
    let json_schema = context.schema.subschema_for::<T>();
    let schema = SchemaObject { json_schema, example: None, external_docs: None };
    Header {
        description: Some(description.to_owned()),
        style: HeaderStyle::Simple,
        required: false,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(schema),
        example: None,
        examples: [].into(),
        extensions: [].into(),
    }
}
