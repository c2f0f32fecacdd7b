//! What a user asks for when he opens his dashboard.

use std::fmt;

use serde::Deserialize;

/// How the first screen is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadKind {
    /// One call, `GET /dashboard`.
    Dashboard,
    /// The beta's four calls, one after the other; a load is their sum.
    FourCalls,
}

/// One HTTP call of a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Call {
    /// `GET /dashboard`
    Dashboard,
    /// `GET /portfolios`
    Portfolios,
    /// `GET /portfolios/{id}/holdings`
    Holdings,
    /// `GET /portfolios/forecasts`
    Forecasts,
    /// `GET /portfolios/strategies`
    Strategies,
}

impl LoadKind {
    /// The calls of one load, in their order.
    pub fn calls(self) -> &'static [Call] {
        match self {
            Self::Dashboard => &[Call::Dashboard],
            Self::FourCalls => &[Call::Portfolios, Call::Holdings, Call::Forecasts, Call::Strategies],
        }
    }
}

impl Call {
    /// The path asked for.
    pub(crate) fn path(self, portfolio_id: &str) -> String {
        match self {
            Self::Holdings => format!("/portfolios/{portfolio_id}/holdings"),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Dashboard => "/dashboard",
            Self::Portfolios => "/portfolios",
            Self::Holdings => "/portfolios/{id}/holdings",
            Self::Forecasts => "/portfolios/forecasts",
            Self::Strategies => "/portfolios/strategies",
        })
    }
}
