//! A request's JSON body. What is wrong with it is told by the member's path: `steps[2].sellPercentage: is 0; ...`.

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::Json;
use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::plain::Plain;
use crate::problem::Problem;

/// The body as a `T`.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::UnsupportedMediaType);
        }
        // It is in memory already (src/router/receive.rs).
        let bytes = Bytes::from_request(request, state).await.map_err(anyhow::Error::from)?;
        read("body", &bytes).map(Self)
    }
}

/// Where there need not be one: none at all is no error.
impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        if request.body().is_end_stream() {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state).await.map(Some)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// Reads a body, or what stands for one, such as an item of an import, which is called `whole` where no member of it is
/// at fault.
pub(crate) fn read<T: DeserializeOwned>(whole: &str, bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(Plain(&mut json)).map_err(|error| {
        // Of the whole the path is empty.
        let field = if error.path().iter().len() == 0 { whole.to_owned() } else { error.path().to_string() };
        let error = error.into_inner();
        match error.classify() {
            Category::Data => Problem::Invalid { field, reason: error.to_string() },
            Category::Io | Category::Syntax | Category::Eof => Problem::Malformed(error.to_string()),
        }
    })?;
    json.end().map_err(|error| Problem::Malformed(error.to_string()))?;
    Ok(value)
}

impl<T: JsonSchema> OperationInput for Body<T> {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        Json::<T>::operation_input(context, operation);
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::field::Amount;

    #[derive(Debug, Deserialize)]
    struct Basket {
        items: Vec<Item>,
    }

    #[derive(Debug, Deserialize)]
    struct Item {
        price: Amount,
        #[serde(default)]
        place: Option<i64>,
    }

    fn basket(body: &[u8]) -> Result<Basket, Problem> {
        read("body", body)
    }

    #[test]
    fn numbers_arrive_exactly() {
        let basket = basket(br#"{"items": [{"price": 12345678901234567890.123456789012345678}]}"#).unwrap();
        assert_eq!(basket.items[0].price.get().to_string(), "12345678901234567890.123456789012345678");
    }

    #[test]
    fn the_member_that_is_wrong_is_named() {
        let Err(Problem::Invalid { field, reason }) = basket(br#"{"items": [{"price": -1}]}"#) else {
            panic!("a negative price is invalid")
        };
        assert_eq!(field, "items[0].price");
        assert!(reason.starts_with("is -1; allowed is 0 to below 10^20"), "{reason}");
    }

    /// Serde's own structs take `[[[1]]]` for it, and say `expected struct Item` of what they do not take.
    #[test]
    fn an_object_is_an_object_and_a_number_has_no_size() {
        for (body, field, reason) in [
            (r#"[[{"price": 1}]]"#, "body", "invalid type: sequence, expected an object"),
            ("7", "body", "invalid type: integer `7`, expected an object"),
            (r#"{"items": [[1, 2]]}"#, "items[0]", "invalid type: sequence, expected an object"),
            (
                r#"{"items": [{"price": 1, "place": "1"}]}"#,
                "items[0].place",
                "invalid type: string \"1\", expected a whole number",
            ),
            (
                r#"{"items": [{"price": 1, "place": 1.5}]}"#,
                "items[0].place",
                "invalid type: floating point `1.5`, expected a whole number",
            ),
        ] {
            let Err(Problem::Invalid { field: found, reason: told }) = basket(body.as_bytes()) else {
                panic!("{body} was taken")
            };
            assert_eq!(found, field, "{body}");
            assert!(told.starts_with(reason), "{told}");
        }
        let basket = basket(br#"{"items": [{"price": 1, "place": 2}]}"#).unwrap();
        assert_eq!(basket.items[0].place, Some(2));
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        for body in [&b""[..], b"{", b"{\"items\": []} x", b"\xff"] {
            assert!(matches!(basket(body), Err(Problem::Malformed(_))), "{body:?}");
        }
    }
}
