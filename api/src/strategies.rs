//! Strategies for selling a token step by step as its price rises, with what they would bring.

mod plan;
pub mod steps;
mod store;
pub mod summary;

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use plan::{NewStep, Steps, TargetType};
pub use steps::Step;

use crate::auth::UserId;
use crate::cache::Document;
use crate::decimal::Decimal;
use crate::field::{Amount, Change, CmcId, Name, Notes, Symbol, Text};
use crate::id::{Id, Kind};
use crate::portfolios::forecasts;
use crate::problem::Problem;
use crate::request::{Body, Created, Kept, NoContent, Page, Query};
use crate::state::AppState;
use crate::timestamp::Timestamp;
use crate::write::Write;

/// A strategy with its steps, lowest target first.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Strategy {
    id: String,
    user_id: String,
    name: String,
    symbol: String,
    token_name: String,
    cmc_id: Option<i32>,
    base_quantity: Decimal,
    reference_price: Decimal,
    status: String,
    notes: Option<String>,
    steps: Vec<Step>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Where a strategy stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Under way.
    Active,
    /// Interrupted.
    Paused,
    /// Done.
    Completed,
}

impl Kind for Strategy {
    const NAME: &'static str = "Strategy";
    const PARAMETER: &'static str = "strategyId";
}

/// `POST /strategies`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewStrategy {
    name: Name,
    symbol: Symbol,
    token_name: Name,
    cmc_id: CmcId,
    base_quantity: Amount,
    reference_price: Amount,
    steps: Steps,
    notes: Option<Notes>,
}

/// `PATCH /strategies/{strategyId}`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StrategyUpdate {
    name: Option<Name>,
    status: Option<Status>,
    base_quantity: Option<Amount>,
    /// The targets of steps that are gains over it follow.
    reference_price: Option<Amount>,
    #[serde(default)]
    notes: Change<Notes>,
}

/// Which strategies, and which page of them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Search {
    symbol: Option<Text<0, 200>>,
    status: Option<Status>,
    /// Which page, from 1.
    #[schemars(range(min = 1))]
    page: Option<i64>,
    /// Items a page, 20 where nothing is said, 100 at most.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<i64>,
}

/// A page of strategies.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Found {
    strategies: Vec<Strategy>,
    total: i64,
    page: i64,
    limit: i64,
}

impl Search {
    /// As it is kept. What a user may search for as text has no end, so that is not.
    fn document(&self) -> Option<Document> {
        let page = Page::new(self.page, self.limit);
        let is_kept = self.symbol().is_none() && page.is_usual();
        is_kept.then_some(Document::StrategiesFound(self.status, page))
    }

    async fn run(self, state: AppState, user: UserId) -> Result<Found, Problem> {
        let page = Page::new(self.page, self.limit);
        let (strategies, total) = store::search(state.reads(&user), &user, &self, page).await?;
        Ok(Found { strategies, total, page: page.number(), limit: page.limit() })
    }

    /// The symbol that is searched for; an empty one is none.
    fn symbol(&self) -> Option<&str> {
        self.symbol.as_ref().map(Text::as_str).filter(|symbol| !symbol.is_empty())
    }
}

impl Status {
    /// As the database and the wire name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Completed => "completed",
        }
    }
}

/// `GET /strategies`
pub async fn index(
    State(state): State<AppState>,
    user: UserId,
    Query(search): Query<Search>,
) -> Result<Kept<Found>, Problem> {
    let document = search.document();
    let load = move |state, user| search.clone().run(state, user);
    state.kept_if(user, document, load).await
}

/// `GET /strategies/{strategyId}`
pub async fn show(
    State(state): State<AppState>,
    user: UserId,
    id: Id<Strategy>,
) -> Result<Json<Strategy>, Problem> {
    store::find(state.reads(&user), &user, &id).await?.map(Json).ok_or(Problem::NotFound(Strategy::NAME))
}

/// `POST /strategies`
pub async fn create(
    State(state): State<AppState>,
    user: UserId,
    Body(new): Body<NewStrategy>,
) -> Result<Created<Strategy>, Problem> {
    let id = Id::fresh();
    let mut write = Write::begin_beside_forecasts(&state, &user).await?;
    store::insert(&mut write, &user, &id, &new).await?;
    write.commit().await?;
    let made = store::find(state.database.primary(), &user, &id).await?;
    made.map(Created).ok_or(Problem::NotFound(Strategy::NAME))
}

/// `PATCH /strategies/{strategyId}`
pub async fn update(
    State(state): State<AppState>,
    user: UserId,
    id: Id<Strategy>,
    Body(update): Body<StrategyUpdate>,
) -> Result<Json<Strategy>, Problem> {
    let mut write = Write::begin(&state, &user).await?;
    if !store::update(&mut write, &user, &id, &update).await? {
        return Err(Problem::NotFound(Strategy::NAME));
    }
    if update.reference_price.is_some() {
        store::follow_reference_price(&mut write, &id).await?;
    }
    write.commit().await?;
    let updated = store::find(state.database.primary(), &user, &id).await?;
    updated.map(Json).ok_or(Problem::NotFound(Strategy::NAME))
}

/// `DELETE /strategies/{strategyId}`: forecasts that apply it count its holdings as kept.
pub async fn delete(
    State(state): State<AppState>,
    user: UserId,
    id: Id<Strategy>,
) -> Result<NoContent, Problem> {
    let mut write = Write::begin(&state, &user).await?;
    if !store::delete(&mut write, &user, &id).await? {
        return Err(Problem::NotFound(Strategy::NAME));
    }
    forecasts::forget_strategy(&mut write, &user, id.as_str()).await?;
    write.commit().await?;
    Ok(NoContent)
}
