//! Fetching and storing.

use sqlx::{Connection, PgConnection, PgPool};

use super::{AnySource, BATCH, Source, store};

/// Fetches the price of every token, a batch at a time; the ids of those that have another price now.
pub async fn update(
    pool: &PgPool,
    connection: &mut PgConnection,
    source: &AnySource,
) -> anyhow::Result<Vec<String>> {
    let mut changed = Vec::new();
    for batch in store::cmc_ids(pool).await?.chunks(BATCH) {
        let prices = source.fetch(batch).await?;
        let mut transaction = connection.begin().await?;
        changed.extend(store::put(&mut transaction, &prices).await?);
        transaction.commit().await?;
    }
    Ok(changed)
}
