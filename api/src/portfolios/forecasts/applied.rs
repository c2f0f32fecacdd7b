//! Which strategy a forecast applies to which holding.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::auth::UserId;
use crate::id::Id;
use crate::portfolios::Portfolio;
use crate::portfolios::holdings::Holding;
use crate::portfolios::theoretical_strategies::TheoreticalStrategy;
use crate::problem::Problem;

/// What stands for no strategy.
const NONE: &str = "none";

/// A strategy's id by a holding's id; `"none"` where the holding is kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct AppliedStrategies(BTreeMap<Id<Holding>, Id<TheoreticalStrategy>>);

impl AppliedStrategies {
    /// Reads what is stored; what makes no sense applies nothing.
    pub(super) fn read(stored: &str) -> Self {
        serde_json::from_str(stored).unwrap_or_default()
    }

    /// The strategy's id where one is applied to the holding.
    pub(super) fn strategy(&self, holding: &str) -> Option<&str> {
        let holding = Id::new(holding).ok()?;
        self.0.get(&holding).map(Id::as_str).filter(|id| *id != NONE)
    }

    fn holdings(&self) -> Vec<String> {
        self.0.keys().map(|id| id.as_str().to_owned()).collect()
    }

    /// The strategies, each once.
    pub(super) fn strategies(&self) -> Vec<String> {
        let applied = self.0.values().map(Id::as_str).filter(|id| *id != NONE);
        applied.map(str::to_owned).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }
}

/// A forecast may name only holdings of its portfolio and strategies of its user.
pub(super) async fn check(
    connection: &mut PgConnection,
    user: &UserId,
    portfolio: &Id<Portfolio>,
    applied: &AppliedStrategies,
) -> Result<(), Problem> {
    let (holdings, strategies) = (applied.holdings(), applied.strategies());
    let known = sqlx::query!(
        r#"
        SELECT (SELECT count(*) FROM "Holding" WHERE "portfolioId" = $2 AND id = ANY($3)) AS "holdings!",
               (SELECT count(*) FROM "TheoreticalStrategy" WHERE "userId" = $1 AND id = ANY($4)) AS "theoretical!",
               (SELECT count(*) FROM "Strategy" WHERE "userId" = $1 AND id = ANY($4)) AS "strategies!"
        "#,
        user.as_str(),
        portfolio.as_str(),
        &holdings,
        &strategies
    )
    .fetch_one(connection)
    .await?;
    // Counts are never negative.
    if known.holdings.unsigned_abs() < holdings.len() as u64 {
        return Err(Problem::Forbidden("holding"));
    }
    if (known.theoretical + known.strategies).unsigned_abs() < strategies.len() as u64 {
        return Err(Problem::Forbidden("strategy"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_no_strategy() {
        let applied = AppliedStrategies::read(r#"{"h1": "none", "h2": "s", "h3": "s"}"#);
        assert_eq!(
            (applied.strategy("h1"), applied.strategy("h2"), applied.strategy("h9")),
            (None, Some("s"), None)
        );
        assert_eq!(applied.strategies(), ["s"]);
        assert_eq!(AppliedStrategies::read("[]").strategies(), Vec::<String>::new());
    }
}
