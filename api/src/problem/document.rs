//! A problem on the wire.

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{MediaType, Operation, Response as Documented, SchemaObject};
use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use super::Problem;
use crate::auth::AuthError;

const MEDIA_TYPE: &str = "application/problem+json";

/// What went wrong.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    status_code: u16,
    message: String,
    error: &'static str,
    /// The member that is wrong, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

impl From<&Problem> for Document {
    fn from(problem: &Problem) -> Self {
        let status = problem.status();
        let reason = status.canonical_reason().unwrap_or("Error");
        let field = match problem {
            Problem::Invalid { field, .. } => Some(field.clone()),
            _ => None,
        };
        Self {
            r#type: "about:blank",
            title: reason,
            status: status.as_u16(),
            detail: problem.to_string(),
            status_code: status.as_u16(),
            message: problem.to_string(),
            error: reason,
            field,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let mut response = (self.status(), Json(Document::from(&self))).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.extend(self.headers());
        // For whoever may try again, and whoever has it wait.
        if matches!(self, Self::DatabaseUnavailable(_) | Self::Contended(_) | Self::WrongPassword { .. }) {
            response.extensions_mut().insert(self);
        }
        response
    }
}

impl Problem {
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        match self {
            // RFC 6750: an error code only where a token was sent. (And no challenge to somebody who typed a password.)
            Self::Unauthorized(AuthError::Missing) => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::Unauthorized(_) => {
                let challenge = HeaderValue::from_static(r#"Bearer error="invalid_token""#);
                headers.insert(WWW_AUTHENTICATE, challenge);
            }
            Self::TooManyRequests { retry_after }
            | Self::TooManyNewTokens { retry_after, .. }
            | Self::Overloaded { retry_after } => {
                let seconds = retry_after.as_millis().div_ceil(1000).max(1) as u64;
                headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            // Whether it answers is found out four times a second.
            Self::DatabaseUnavailable(_) => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        headers
    }
}

/// Every operation may end in one.
impl OperationOutput for Problem {
    type Inner = Document;

    fn operation_response(context: &mut GenContext, _: &mut Operation) -> Option<Documented> {
        let schema = SchemaObject {
            json_schema: context.schema.subschema_for::<Document>(),
            example: None,
            external_docs: None,
        };
        let media_type = MediaType { schema: Some(schema), ..MediaType::default() };
        Some(Documented {
            description: "What went wrong".to_owned(),
            content: [(MEDIA_TYPE.to_owned(), media_type)].into_iter().collect(),
            ..Documented::default()
        })
    }

    fn inferred_responses(
        context: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<u16>, Documented)> {
        Self::operation_response(context, operation).map(|document| (None, document)).into_iter().collect()
    }
}
