//! What can be kept, for how long, and under which name.

use std::borrow::Cow;
use std::time::Duration;

use crate::auth::UserId;
use crate::id::Id;
use crate::portfolios::Portfolio;
use crate::request::Page;
use crate::strategies::Status;

/// Raised when a kept document changes its shape, so that instances of two versions do not read each other's.
const VERSION: u32 = 2;

/// Whose document it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One user's, and nobody else's.
    User(String),
    /// Everybody's, one document by its name: they change at different times.
    Public(&'static str),
}

/// Which document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Document {
    /// `GET /dashboard`
    Dashboard,
    /// `GET /portfolios`
    Portfolios,
    /// `GET /portfolios/{portfolioId}/holdings`
    Holdings(Id<Portfolio>),
    /// `POST /portfolios/holdings/batch`: those of all portfolios, whichever were asked for
    HoldingsByPortfolio,
    /// `GET /portfolios/strategies`
    Strategies,
    /// `GET /portfolios/forecasts`
    Forecasts,
    /// A page of them: `GET /portfolios/forecasts?page&limit`
    ForecastsPage(Page),
    /// `GET /strategies`, with or without a status
    StrategiesFound(Option<Status>, Page),
    /// `GET /portfolios/theoretical-strategies`
    TheoreticalStrategies,
    /// A page of all: `GET /transactions?page&limit`
    TransactionsPage(Page),
    /// `GET /public/tokens`
    Tokens,
    /// `GET /public/prices`
    Prices,
    /// `GET /portfolios/templates/strategies`
    StrategyTemplates,
    /// `GET /portfolios/templates/profit-taking`
    ProfitTakingTemplates,
}

/// The name of one document: no two users share one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub(super) scope: Scope,
    pub(super) document: Document,
}

impl Key {
    /// A document of the user's.
    pub fn of(user: &UserId, document: Document) -> Self {
        Self { scope: Scope::of(user), document }
    }

    /// A document of everybody's.
    pub fn public(document: Document) -> Self {
        Self { scope: Scope::public(&document), document }
    }
}

impl Scope {
    /// What is the user's.
    pub fn of(user: &UserId) -> Self {
        Self::User(user.as_str().to_owned())
    }

    /// A document that is everybody's.
    pub(super) fn public(document: &Document) -> Self {
        Self::Public(document.name())
    }

    /// As Redis names the hash that holds all documents of this scope: one key, so that one command drops them, and
    /// in a cluster one slot.
    pub(super) fn in_redis(&self, namespace: &str) -> String {
        format!("{namespace}:v{VERSION}:{}", self.name())
    }

    /// The braces make a cluster choose the slot by the user's id.
    fn name(&self) -> String {
        match self {
            Self::User(user) => format!("user:{{{user}}}"),
            Self::Public(document) => format!("public:{document}"),
        }
    }
}

impl Document {
    /// The endpoint, as metrics name it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Portfolios => "portfolios",
            Self::Holdings(_) => "holdings",
            Self::HoldingsByPortfolio => "holdings_by_portfolio",
            Self::Strategies => "strategies",
            Self::Forecasts | Self::ForecastsPage(_) => "forecasts",
            Self::StrategiesFound(..) => "strategies_found",
            Self::TheoreticalStrategies => "theoretical_strategies",
            Self::TransactionsPage(_) => "transactions",
            Self::Tokens => "tokens",
            Self::Prices => "prices",
            Self::StrategyTemplates => "strategy_templates",
            Self::ProfitTakingTemplates => "profit_taking_templates",
        }
    }

    /// As memory and the hash in Redis name it.
    pub(super) fn field(&self) -> Cow<'static, str> {
        match self {
            Self::Holdings(portfolio) => format!("holdings:{}", portfolio.as_str()).into(),
            Self::ForecastsPage(page) => format!("forecasts:{}:{}", page.number(), page.limit()).into(),
            Self::StrategiesFound(status, page) => {
                let status = status.map_or("", Status::as_str);
                format!("strategies_found:{status}:{}:{}", page.number(), page.limit()).into()
            }
            Self::TransactionsPage(page) => format!("transactions:{}:{}", page.number(), page.limit()).into(),
            _ => self.name().into(),
        }
    }

    /// How long it is fresh at most. The dashboard holds of everything, so it lives as briefly as its briefest part.
    pub fn ttl(&self) -> Duration {
        Duration::from_secs(match self {
            Self::Forecasts | Self::ForecastsPage(_) => 600,
            Self::Strategies
            | Self::StrategiesFound(..)
            | Self::TheoreticalStrategies
            | Self::TransactionsPage(_) => 300,
            Self::Holdings(_)
            | Self::HoldingsByPortfolio
            | Self::StrategyTemplates
            | Self::ProfitTakingTemplates => 120,
            Self::Dashboard | Self::Portfolios => 60,
            Self::Tokens | Self::Prices => 30,
        })
    }
}
