//! Computing the summaries anew: for one user within a write, or for many at a time in the background. Four queries,
//! however many users and forecasts there are.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::projection::{Position, Target, TargetPrice, summarize};
use super::{AppliedStrategies, Summary};
use crate::decimal::Decimal;
use crate::json::Stored;
use crate::portfolios::theoretical_strategies::ProfitTargets;

/// What forecasts rest on: each user's own, and nobody else's.
#[derive(Default)]
struct Basis {
    /// Holdings with their ids, by user and portfolio.
    positions: HashMap<(String, String), Vec<(String, Position)>>,
    /// Targets by user and strategy.
    strategies: HashMap<(String, String), Vec<Target>>,
}

/// A forecast's summary, computed anew.
#[derive(Serialize)]
pub struct Computed {
    id: String,
    summary: Summary,
}

/// The summaries that are others now, by user.
pub type Changed = BTreeMap<String, Vec<Computed>>;

/// Computes all forecasts of these users anew.
pub async fn users(connection: &mut PgConnection, users: &[String]) -> sqlx::Result<Changed> {
    let mut basis = Basis::default();
    basis.load_positions(connection, users).await?;
    basis.load_theoretical(connection, users).await?;
    basis.load_steps(connection, users).await?;
    let forecasts = sqlx::query!(
        r#"
        SELECT id, "userId" AS user_id, "portfolioId" AS portfolio_id, "appliedStrategies" AS "applied: Stored"
        FROM "Forecast" WHERE "userId" = ANY($1) ORDER BY id
        "#,
        users
    )
    .fetch_all(&mut *connection)
    .await?;
    let computed = forecasts.into_iter().map(|forecast| Computed {
        summary: basis.summary(&forecast.user_id, forecast.portfolio_id, &forecast.applied),
        id: forecast.id,
    });
    store(connection, computed.collect()).await
}

async fn store(connection: &mut PgConnection, computed: Vec<Computed>) -> sqlx::Result<Changed> {
    let rows = sqlx::query!(
        r#"
        UPDATE "Forecast" f SET summary = c.summary, "updatedAt" = now() AT TIME ZONE 'UTC'
        FROM jsonb_to_recordset($1) AS c (id text, summary jsonb)
        WHERE f.id = c.id AND f.summary IS DISTINCT FROM c.summary
        RETURNING f."userId" AS user_id, f.id
        "#,
        Json(computed.as_slice()) as Json<&[Computed]>
    )
    .fetch_all(connection)
    .await?;
    let mut computed: HashMap<String, Computed> =
        computed.into_iter().map(|computed| (computed.id.clone(), computed)).collect();
    let mut changed = Changed::new();
    for row in rows {
        changed.entry(row.user_id).or_default().extend(computed.remove(&row.id));
    }
    Ok(changed)
}

impl Basis {
    fn summary(&self, user: &str, portfolio: String, applied: &Stored) -> Summary {
        let applied = AppliedStrategies::read(applied.as_raw().get());
        let user = user.to_owned();
        let positions = self.positions.get(&(user.clone(), portfolio)).map_or(&[][..], Vec::as_slice);
        summarize(positions.iter().map(|(holding, position)| {
            let strategy = applied.strategy(holding).map(|id| (user.clone(), id.to_owned()));
            (position, strategy.and_then(|key| self.strategies.get(&key)).map(Vec::as_slice))
        }))
    }

    async fn load_positions(&mut self, connection: &mut PgConnection, users: &[String]) -> sqlx::Result<()> {
        let rows = sqlx::query!(
            r#"
            SELECT p."userId" AS user_id, p.id AS portfolio_id, h.id, h.quantity AS "quantity: Decimal",
                   h."investedAmount" AS "invested_amount: Decimal", h."averagePrice" AS "average_price: Decimal",
                   coalesce(m.price, h."currentPrice") AS "current_price: Decimal"
            FROM "Portfolio" p
            JOIN "Holding" h ON h."portfolioId" = p.id
            LEFT JOIN "TokenPrice" m ON m."tokenId" = h."tokenId"
            WHERE p."userId" = ANY($1)
            "#,
            users
        )
        .fetch_all(connection)
        .await?;
        for row in rows {
            let position = Position {
                quantity: row.quantity,
                invested_amount: row.invested_amount,
                average_price: row.average_price,
                current_price: row.current_price,
            };
            self.positions.entry((row.user_id, row.portfolio_id)).or_default().push((row.id, position));
        }
        Ok(())
    }

    async fn load_theoretical(
        &mut self,
        connection: &mut PgConnection,
        users: &[String],
    ) -> sqlx::Result<()> {
        let rows = sqlx::query!(
            r#"
            SELECT "userId" AS user_id, id, "profitTargets" AS "targets: Stored"
            FROM "TheoreticalStrategy" WHERE "userId" = ANY($1)
            "#,
            users
        )
        .fetch_all(connection)
        .await?;
        for row in rows {
            let targets = ProfitTargets::read(row.targets.as_raw().get()).iter().map(Target::from).collect();
            self.strategies.insert((row.user_id, row.id), targets);
        }
        Ok(())
    }

    async fn load_steps(&mut self, connection: &mut PgConnection, users: &[String]) -> sqlx::Result<()> {
        let rows = sqlx::query!(
            r#"
            SELECT s."userId" AS user_id, s.id, t."sellPct" AS "share: Decimal", t."targetPct" AS "gain: Decimal",
                   t."targetPrice" AS "price: Decimal", t."targetType"::text = 'exact_price' AS "is_exact!"
            FROM "Strategy" s JOIN "StrategyStep" t ON t."strategyId" = s.id
            WHERE s."userId" = ANY($1)
            "#,
            users
        )
        .fetch_all(connection)
        .await?;
        for row in rows {
            let price =
                if row.is_exact { TargetPrice::Exact(row.price) } else { TargetPrice::Gain(row.gain) };
            self.strategies
                .entry((row.user_id, row.id))
                .or_default()
                .push(Target { price, share: row.share });
        }
        Ok(())
    }
}
