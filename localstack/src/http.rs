//! The few plain HTTP requests to LocalStack's own endpoints and to our processes, all on loopback.

use std::sync::LazyLock;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

const TIMEOUT: Duration = Duration::from_secs(10);

/// An answer that says no.
#[derive(Debug, thiserror::Error)]
#[error("{request} answered {status}: {body}")]
pub(crate) struct Refused {
    request: String,
    /// Not one of 200 to 299.
    pub(crate) status: StatusCode,
    body: String,
}

static CLIENT: LazyLock<Client<HttpConnector, Full<Bytes>>> =
    LazyLock::new(|| Client::builder(TokioExecutor::new()).build_http());

/// The body of a successful GET.
pub(crate) async fn get(url: &str) -> Result<Bytes> {
    send(Request::get(url).body(Full::default())?).await
}

/// The body of a successful POST of JSON.
pub(crate) async fn post_json(url: &str, body: &impl serde::Serialize) -> Result<Bytes> {
    let body = Full::from(serde_json::to_vec(body)?);
    send(Request::post(url).header("content-type", "application/json").body(body)?).await
}

async fn send(request: Request<Full<Bytes>>) -> Result<Bytes> {
    let (method, uri): (Method, _) = (request.method().clone(), request.uri().clone());
    let what = || format!("{method} {uri}");
    let exchange = async {
        let response = CLIENT.request(request).await?;
        let status = response.status();
        anyhow::Ok((status, response.into_body().collect().await?.to_bytes()))
    };
    let (status, body) =
        tokio::time::timeout(TIMEOUT, exchange).await.with_context(what)?.with_context(what)?;
    if !status.is_success() {
        bail!(Refused { request: what(), status, body: String::from_utf8_lossy(&body).into_owned() });
    }
    Ok(body)
}
