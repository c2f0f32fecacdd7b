//! The ids in a path: `/portfolios/{portfolioId}/holdings/{holdingId}`. An extractor finds its own by its kind.

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Parameter, ParameterData, ParameterSchemaOrContent, PathStyle, SchemaObject};
use aide::operation::add_parameters;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use schemars::JsonSchema;

use crate::id::{Id, Kind};
use crate::problem::Problem;

/// An id that no text of PostgreSQL can hold names nothing: not found, like any other unknown one.
impl<K: Kind, S: Send + Sync> FromRequestParts<S> for Id<K> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let parameters = RawPathParams::from_request_parts(parts, state).await;
        let parameters = parameters.map_err(|_not_utf8| Problem::NotFound(K::NAME))?;
        let ours = parameters.iter().find(|(name, _)| *name == K::PARAMETER);
        ours.and_then(|(_, id)| Self::new(id).ok()).ok_or(Problem::NotFound(K::NAME))
    }
}

impl<K: Kind> OperationInput for Id<K> {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        document_parameter::<Self>(context, operation, K::PARAMETER);
    }
}

/// Adds a parameter of the path to an operation's documentation.
pub fn document_parameter<T: JsonSchema>(context: &mut GenContext, operation: &mut Operation, name: &str) {
    let json_schema = context.schema.subschema_for::<T>();
    let schema = SchemaObject { json_schema, example: None, external_docs: None };
    let parameter_data = ParameterData {
        name: name.to_owned(),
        description: None,
        required: true,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(schema),
        example: None,
        examples: [].into(),
        explode: None,
        extensions: [].into(),
    };
    add_parameters(context, operation, [Parameter::Path { parameter_data, style: PathStyle::Simple }]);
}
