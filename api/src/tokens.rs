//! Tokens: what can be held, and its price.

mod store;

use axum::Json;
use axum::extract::{FromRequestParts, RawPathParams, State};
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use store::{NewToken, Spellings, ensure, ensure_all};

use crate::auth::UserId;
use crate::decimal::Decimal;
use crate::field::{CmcId, Text};
use crate::id::Kind;
use crate::problem::Problem;
use crate::request::Query;
use crate::state::AppState;
use crate::timestamp::Timestamp;

/// A token among others.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenName {
    /// Ours.
    pub id: String,
    /// Such as `BTC`.
    pub symbol: String,
    /// Such as `Bitcoin`.
    pub name: String,
    /// A picture.
    pub logo_url: Option<String>,
}

impl Kind for TokenName {
    const NAME: &'static str = "Token";
    const PARAMETER: &'static str = "tokenId";
}

/// A token as `CoinMarketCap` describes it, and as the front end's search reads it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Listing {
    /// `CoinMarketCap`'s id.
    id: Option<i32>,
    name: String,
    symbol: String,
    slug: String,
    quote: Quote,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Quote {
    #[serde(rename = "USD")]
    usd: UsdQuote,
}

#[derive(Debug, Serialize, JsonSchema)]
struct UsdQuote {
    price: Option<Decimal>,
    last_updated: Option<Timestamp>,
}

/// What is searched for.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Search {
    /// A symbol, or the beginning of a symbol or a name.
    symbol: Text<1, 100>,
}

/// `GET /tokens/search`
pub async fn search(
    State(state): State<AppState>,
    user: UserId,
    Query(search): Query<Search>,
) -> Result<Json<Vec<Listing>>, Problem> {
    Ok(Json(store::search(state.reads(&user), search.symbol.as_str()).await?))
}

/// `GET /tokens/{cmcId}`
pub async fn show(State(state): State<AppState>, user: UserId, id: CmcId) -> Result<Json<Listing>, Problem> {
    store::by_cmc_id(state.reads(&user), id).await?.map(Json).ok_or(Problem::NotFound(TokenName::NAME))
}

/// In a path an id that is none names no token.
impl<S: Send + Sync> FromRequestParts<S> for CmcId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let parameters = RawPathParams::from_request_parts(parts, state).await;
        let parameters = parameters.map_err(|_not_utf8| Problem::NotFound(TokenName::NAME))?;
        let ours = parameters.iter().find(|(name, _)| *name == "cmcId").and_then(|(_, id)| id.parse().ok());
        ours.and_then(Self::new).ok_or(Problem::NotFound(TokenName::NAME))
    }
}

impl aide::OperationInput for CmcId {
    fn operation_input(context: &mut aide::generate::GenContext, operation: &mut aide::openapi::Operation) {
        crate::request::document_parameter::<Self>(context, operation, "cmcId");
    }
}
