//! Do the fleet's connections fit the database?

use anyhow::ensure;
use sqlx::PgPool;

use crate::settings::DatabaseSettings;

/// Each instance may hold one more connection than its pool: the background work's.
const BESIDE_THE_POOL: u32 = 1;

pub(super) async fn check(pool: &PgPool, settings: &DatabaseSettings) -> anyhow::Result<()> {
    let limit = sqlx::query_scalar!(
        r#"
        SELECT current_setting('max_connections')::integer
             - current_setting('superuser_reserved_connections')::integer AS "limit!"
        "#
    )
    .fetch_one(pool)
    .await?;
    fits(settings.pool_size, settings.fleet_max, limit.max(0) as u32)
}

fn fits(pool_size: u32, fleet_max: u32, limit: u32) -> anyhow::Result<()> {
    let needed = fleet_max * (pool_size + BESIDE_THE_POOL);
    ensure!(
        needed <= limit,
        "{fleet_max} instances (FLEET_MAX) with {} connections each (POOL_SIZE and one) need {needed}; the database \
         has {limit} (max_connections, less those reserved)",
        pool_size + BESIDE_THE_POOL
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn the_whole_fleet_must_fit() {
        assert!(fits(4, 20, 100).is_ok());
        let error = fits(4, 20, 99).unwrap_err().to_string();
        assert!(
            error.contains("20 instances (FLEET_MAX) with 5 connections each") && error.contains("need 100"),
            "{error}"
        );
    }
}
