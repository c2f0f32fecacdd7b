//! The way to the collector: OTLP over HTTP, with the client that is here for the price source.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use tokio::runtime::{Builder, Runtime};

const TIMEOUT: Duration = Duration::from_secs(3);
/// It answers with a few bytes.
const MAX_BYTES: usize = 64 * 1024;

/// A collector that is not there is told once, and once that it is back; the spans of that time are lost.
#[derive(Debug)]
pub(super) struct Collector {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    /// The exporter has a thread of its own, which no runtime of ours serves.
    runtime: Runtime,
    is_away: AtomicBool,
}

impl Collector {
    pub(super) fn new() -> anyhow::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
            .context("no root certificates")?
            .https_or_http()
            .enable_http1()
            .build();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { client, runtime, is_away: AtomicBool::new(false) })
    }

    async fn ask(&self, request: Request<Bytes>) -> anyhow::Result<Response<Bytes>> {
        let (parts, body) = self.client.request(request.map(Full::new)).await?.into_parts();
        let body = Limited::new(body, MAX_BYTES).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!("its answer: {error}"))?.to_bytes();
        Ok(Response::from_parts(parts, body))
    }

    fn note(&self, outcome: &anyhow::Result<Response<Bytes>>) {
        let failure = match outcome {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("it answers {}", response.status())),
            Err(error) => Some(format!("{error:#}")),
        };
        let was_away = self.is_away.swap(failure.is_some(), Relaxed);
        match failure {
            Some(error) if !was_away => tracing::warn!(error, "the collector takes no traces: they are lost"),
            None if was_away => tracing::info!("the collector takes traces again"),
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let ask = async { tokio::time::timeout(TIMEOUT, self.ask(request)).await };
        let outcome = self.runtime.block_on(ask).context("no answer within 3 s").flatten();
        self.note(&outcome);
        outcome.map_err(Into::into)
    }
}
