//! Fetching and storing.

use sqlx::PgPool;

use super::{BATCH, Prices, Source, store};

pub use store::put;

/// The price of every token, a batch at a time. A batch that fails costs no other one its prices.
pub async fn fetch(pool: &PgPool, source: &impl Source) -> sqlx::Result<Prices> {
    let mut prices = Prices::new();
    for batch in store::cmc_ids(pool).await?.chunks(BATCH) {
        match source.fetch(batch).await {
            Ok(found) => prices.extend(found),
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), ids = ?batch, "these prices were not fetched");
            }
        }
    }
    Ok(prices)
}
