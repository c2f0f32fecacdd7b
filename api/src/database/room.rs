//! Do the fleet's connections fit a server?

use anyhow::ensure;
use sqlx::PgPool;

use super::server::Role;
use crate::settings::DatabaseSettings;

/// Each instance may hold one more connection to the primary than its pool: the background work's.
const BESIDE_THE_POOL: u32 = 1;

/// An error says by how much they do not.
pub(super) async fn check(pool: &PgPool, role: Role, settings: &DatabaseSettings) -> anyhow::Result<()> {
    fits(each(role, settings.pool_size), settings.fleet_max, limit(pool).await?)
}

/// How many connections we may have there: the server's, less those that it reserves, or the fewer that our database
/// or our role is held to. What lacks a limit is NULL, which `least` passes over.
async fn limit(pool: &PgPool) -> sqlx::Result<u32> {
    let limit = sqlx::query_scalar!(
        r#"
        SELECT least(
            current_setting('max_connections')::integer
                - current_setting('superuser_reserved_connections')::integer
                - coalesce(current_setting('reserved_connections', true)::integer, 0),
            (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()),
            (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user)
        ) AS "limit!"
        "#
    )
    .fetch_one(pool)
    .await?;
    Ok(limit.max(0) as u32)
}

/// An instance's connections to a server.
fn each(role: Role, pool_size: u32) -> u32 {
    match role {
        Role::Primary => pool_size + BESIDE_THE_POOL,
        Role::Replica => pool_size,
    }
}

fn fits(each: u32, fleet_max: u32, limit: u32) -> anyhow::Result<()> {
    let needed = fleet_max * each;
    ensure!(
        needed <= limit,
        "{fleet_max} instances (FLEET_MAX) with {each} connections each (POOL_SIZE, and one more to the primary) need \
         {needed}; allowed are {limit} (max_connections less those reserved, or the database's or the role's limit)"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_fleet_must_fit() {
        assert!(fits(each(Role::Primary, 4), 20, 100).is_ok());
        assert!(fits(each(Role::Replica, 4), 20, 80).is_ok());
        let error = fits(each(Role::Primary, 4), 20, 99).unwrap_err().to_string();
        assert!(
            error.contains("20 instances (FLEET_MAX) with 5 connections each") && error.contains("need 100"),
            "{error}"
        );
    }
}
