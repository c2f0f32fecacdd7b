//! `CoinMarketCap`'s API, or one that is compatible: `GET /v1/cryptocurrency/quotes/latest?id=1,1027&convert=USD`.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, ensure};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;

use super::{Listed, Prices, Source};
use crate::decimal::Decimal;
use crate::field::Amount;

const TIMEOUT: Duration = Duration::from_secs(10);
/// A hundred quotes take some 100 kB.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// A client with its key, which has no readable `Debug`.
pub struct CoinMarketCap {
    client: Client<HttpsConnector<HttpConnector>, Empty<bytes::Bytes>>,
    base_url: String,
    key: String,
}

#[derive(Deserialize)]
struct Answer {
    data: BTreeMap<String, Listing>,
}

#[derive(Deserialize)]
struct Listing {
    id: i32,
    symbol: String,
    name: String,
    quote: BTreeMap<String, Quote>,
}

#[derive(Deserialize)]
struct Quote {
    price: Option<Decimal>,
}

impl CoinMarketCap {
    /// A client of the API at this address.
    pub fn new(base_url: &str, key: String) -> anyhow::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
            .context("no root certificates")?
            .https_or_http()
            .enable_http1()
            .build();
        let base_url = base_url.trim_end_matches('/').to_owned();
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), base_url, key })
    }

    async fn ask(&self, cmc_ids: &[i32]) -> anyhow::Result<Prices> {
        let ids: Vec<String> = cmc_ids.iter().map(ToString::to_string).collect();
        // Without `skip_invalid` one id that the source does not know costs the whole batch.
        let url = format!(
            "{}/v1/cryptocurrency/quotes/latest?id={}&convert=USD&skip_invalid=true",
            self.base_url,
            ids.join(",")
        );
        let request = axum::http::Request::get(url)
            .header("accept", "application/json")
            .header("x-cmc_pro_api_key", &self.key)
            .body(Empty::new())?;
        let response = self.client.request(request).await.context("the price source does not answer")?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_BYTES).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!("the price source's answer: {error}"))?.to_bytes();
        ensure!(status.is_success(), "the price source answered {status}");
        read(&body)
    }
}

fn read(body: &[u8]) -> anyhow::Result<Prices> {
    let answer: Answer =
        serde_json::from_slice(body).context("the price source's answer is not as documented")?;
    let priced = answer.data.into_values().filter_map(|listing| {
        let price = listing.quote.get("USD")?.price.clone()?;
        let price = Amount::new(price.rounded(18)).ok()?.get().clone();
        let Listing { id, symbol, name, .. } = listing;
        (price > Decimal::zero()).then_some((id, Listed { symbol, name, price }))
    });
    Ok(priced.collect())
}

impl Source for CoinMarketCap {
    async fn fetch(&self, cmc_ids: &[i32]) -> anyhow::Result<Prices> {
        tokio::time::timeout(TIMEOUT, self.ask(cmc_ids))
            .await
            .context("the price source took longer than 10 s")?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_read_exactly_and_those_without_a_price_left_out() {
        let body = br#"{"status": {"error_code": 0}, "data": {
            "1": {"id": 1, "name": "Bitcoin", "symbol": "BTC", "quote": {"USD": {"price": 95234.123456789012345678}}},
            "2": {"id": 2, "name": "", "symbol": "B", "quote": {"USD": {"price": null}}},
            "4": {"id": 4, "name": "", "symbol": "D", "quote": {"USD": {"price": 1e30}}},
            "3": {"id": 3, "name": "", "symbol": "C", "quote": {"EUR": {"price": 1}}}}}"#;
        let price = "95234.123456789012345678".parse().unwrap();
        let bitcoin = Listed { symbol: "BTC".to_owned(), name: "Bitcoin".to_owned(), price };
        assert_eq!(read(body).unwrap(), [(1, bitcoin)].into_iter().collect());
        assert!(read(b"{}").is_err());
    }
}
