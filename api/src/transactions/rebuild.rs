//! Holdings follow from transactions: after a write, those that it touches are computed anew from all of their
//! transactions. A holding keeps its id, so whatever names it still does; one of which nothing is left goes, and is
//! forgotten everywhere.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use tokio::task::spawn_blocking;

use super::Transaction;
use super::excess::excess;
use super::ledger::{Balance, Entry, TransactionType, balance};
use super::store::NewRow;
use crate::auth::UserId;
use crate::decimal::Decimal;
use crate::id::Id;
use crate::portfolios::Portfolio;
use crate::portfolios::holdings::{self, Holding};

/// Which holding a transaction belongs to: none without a portfolio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) portfolio: Option<Id<Portfolio>>,
    pub(super) symbol: String,
}

type Key = (String, String);

#[derive(Serialize)]
struct Rebuilt {
    id: Id<Holding>,
    portfolio_id: String,
    symbol: String,
    quantity: Decimal,
    invested_amount: Decimal,
    average_price: Decimal,
}

/// Every transaction of one holding, by date.
#[derive(Default)]
struct Ledger {
    /// Of the entries, in their order.
    ids: Vec<Option<Id<Transaction>>>,
    entries: Vec<Entry>,
}

/// What is left at these places; none where nothing is.
type Left = Vec<(Key, Option<Balance>)>;

/// So many transactions are summed where the requests are served, in a millisecond or two. More of them have a thread
/// for it, so that nobody else waits.
const SUMMED_AT_ONCE: usize = 2_000;
/// What one of an import costs beside one that is summed, where all of its token have to be weighed one by one.
const WEIGHED_AS: usize = 50;

/// Rebuilds the holdings at these places, whose portfolios the caller has locked.
pub(super) async fn holdings(
    connection: &mut PgConnection,
    user: &UserId,
    places: &[Place],
) -> sqlx::Result<()> {
    let keys: BTreeSet<Key> = places.iter().filter_map(Place::key).collect();
    let ledgers = ledgers(connection, user, &keys).await?;
    let left = sum(ledgers, 0, move |ledgers| {
        let left = |key: &Key| balance(ledgers.get(key)?.entries.iter());
        keys.into_iter().map(|key| (key.clone(), left(&key))).collect()
    });
    put(connection, user, left.await).await
}

/// The same after an import of these transactions. Those that make a holding larger than can be kept are left out: the
/// caller takes them back.
pub(super) async fn after_import(
    connection: &mut PgConnection,
    user: &UserId,
    imported: &[&NewRow],
) -> sqlx::Result<BTreeSet<Id<Transaction>>> {
    let keys = imported.iter().filter_map(|row| row.place().key()).collect();
    let order = imported.iter().enumerate().map(|(order, row)| (row.id.clone(), order)).collect();
    let ledgers = ledgers(connection, user, &keys).await?;
    let weighed = WEIGHED_AS * imported.len();
    let (left, left_out) = sum(ledgers, weighed, move |ledgers| without_excess(ledgers, &order)).await;
    put(connection, user, left).await?;
    Ok(left_out)
}

/// What is left with those of the imported that can be kept, and the others.
fn without_excess(
    ledgers: BTreeMap<Key, Ledger>,
    order: &BTreeMap<Id<Transaction>, usize>,
) -> (Left, BTreeSet<Id<Transaction>>) {
    let (mut left, mut left_out) = (Vec::new(), BTreeSet::new());
    for (key, ledger) in ledgers {
        let added = ledger.places(order);
        let excess = excess(&ledger.entries, &added);
        // Where nothing of the import stays the holding is what it was.
        if excess.len() < added.len() {
            let kept = ledger.entries.iter().enumerate().filter(|(place, _)| !excess.contains(place));
            left.push((key, balance(kept.map(|(_, entry)| entry))));
        }
        left_out.extend(excess.into_iter().filter_map(|place| ledger.ids[place].clone()));
    }
    (left, left_out)
}

/// Does this work on the ledgers, which costs as much as `besides` transactions more.
async fn sum<T: Send + 'static>(
    ledgers: BTreeMap<Key, Ledger>,
    besides: usize,
    work: impl FnOnce(BTreeMap<Key, Ledger>) -> T + Send + 'static,
) -> T {
    let entries: usize = ledgers.values().map(|ledger| ledger.entries.len()).sum();
    if entries + besides <= SUMMED_AT_ONCE {
        return work(ledgers);
    }
    let done = spawn_blocking(move || work(ledgers)).await;
    // As where it had been done here. Nobody cancels it.
    done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

impl Ledger {
    /// Where these transactions are among the entries, in the order that is given.
    fn places(&self, order: &BTreeMap<Id<Transaction>, usize>) -> Vec<usize> {
        let places = self.ids.iter().enumerate();
        let mut places: Vec<(usize, usize)> =
            places.filter_map(|(place, id)| Some((*order.get(id.as_ref()?)?, place))).collect();
        places.sort_unstable();
        places.into_iter().map(|(_, place)| place).collect()
    }
}

/// Stores what is left at each place.
async fn put(connection: &mut PgConnection, user: &UserId, left: Left) -> sqlx::Result<()> {
    let (mut rebuilt, mut gone) = (Vec::new(), Vec::new());
    for (key, left) in left {
        match left {
            Some(left) => rebuilt.push(Rebuilt {
                id: Id::fresh(),
                portfolio_id: key.0,
                symbol: key.1,
                quantity: left.quantity,
                invested_amount: left.invested_amount,
                average_price: left.average_price,
            }),
            None => gone.push(key),
        }
    }
    upsert(connection, &rebuilt).await?;
    let gone = ids(connection, &gone).await?;
    holdings::forget(connection, user, &gone).await
}

impl Place {
    fn key(&self) -> Option<Key> {
        Some((self.portfolio.as_ref()?.as_str().to_owned(), self.symbol.clone()))
    }
}

/// Every transaction of these holdings, by date. A type that we do not know changes nothing.
async fn ledgers(
    connection: &mut PgConnection,
    user: &UserId,
    keys: &BTreeSet<Key>,
) -> sqlx::Result<BTreeMap<Key, Ledger>> {
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (portfolios, symbols): (Vec<String>, Vec<String>) = keys.iter().cloned().unzip();
    let rows = sqlx::query!(
        r#"
        SELECT t.id, t."portfolioId" AS "portfolio_id!", t.symbol, t.type::text AS "kind!", t.quantity AS "quantity: Decimal",
               t."amountInvested" AS "amount_invested: Decimal", t."averagePrice" AS "average_price: Decimal"
        FROM "Transaction" t
        JOIN unnest($2::text[], $3::text[]) AS k (portfolio, symbol)
          ON t."portfolioId" = k.portfolio AND t.symbol = k.symbol
        WHERE t."userId" = $1
        ORDER BY t."transactionDate", t."createdAt", t.id
        "#,
        user.as_str(),
        &portfolios,
        &symbols
    )
    .fetch_all(connection)
    .await?;
    let mut ledgers: BTreeMap<Key, Ledger> = BTreeMap::new();
    for row in rows {
        let Some(kind) = TransactionType::named(&row.kind) else { continue };
        let entry = Entry {
            kind,
            quantity: row.quantity,
            amount_invested: row.amount_invested,
            average_price: row.average_price,
        };
        let ledger = ledgers.entry((row.portfolio_id, row.symbol)).or_default();
        ledger.ids.push(Id::new(row.id).ok());
        ledger.entries.push(entry);
    }
    Ok(ledgers)
}

async fn upsert(connection: &mut PgConnection, rebuilt: &[Rebuilt]) -> sqlx::Result<()> {
    if rebuilt.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        INSERT INTO "Holding" (id, "portfolioId", "tokenId", quantity, "investedAmount", "averagePrice")
        SELECT r.id, r.portfolio_id, t.id, r.quantity, r.invested_amount, r.average_price
        FROM jsonb_to_recordset($1) AS r (id text, portfolio_id text, symbol text, quantity numeric,
                                          invested_amount numeric, average_price numeric)
        JOIN "Token" t ON t.symbol = r.symbol
        ON CONFLICT ("portfolioId", "tokenId") DO UPDATE SET
            quantity = excluded.quantity,
            "investedAmount" = excluded."investedAmount",
            "averagePrice" = excluded."averagePrice",
            "lastUpdated" = now() AT TIME ZONE 'UTC'
        "#,
        Json(rebuilt) as Json<&[Rebuilt]>
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn ids(connection: &mut PgConnection, keys: &[Key]) -> sqlx::Result<Vec<String>> {
    let (portfolios, symbols): (Vec<String>, Vec<String>) = keys.iter().cloned().unzip();
    sqlx::query_scalar!(
        r#"
        SELECT h.id FROM "Holding" h
        JOIN "Token" t ON t.id = h."tokenId"
        JOIN unnest($1::text[], $2::text[]) AS k (portfolio, symbol)
          ON h."portfolioId" = k.portfolio AND t.symbol = k.symbol
        "#,
        &portfolios,
        &symbols
    )
    .fetch_all(connection)
    .await
}
