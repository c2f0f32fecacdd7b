//! The HTTP side: one GET at a time, on pooled connections, to loopback only.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    str::FromStr,
    time::Duration,
};

use bytes::Bytes;
use http::{
    Request, StatusCode, Uri,
    header::{ACCEPT, AUTHORIZATION},
};
use http_body_util::{BodyExt, Empty};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use tokio::time::timeout;

use crate::user::User;

/// Where the load goes: `http://` and a loopback address with its port, such as `http://127.0.0.1:8080`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BaseUrl(SocketAddr);

/// A place that load may not be sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the load's base URL: found `{0}`; allowed: http:// and a loopback address with a port, such as http://127.0.0.1:8080"
)]
pub struct BaseUrlError(String);

/// Why a call, and with it its load, failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("status {0}")]
    Status(StatusCode),
    #[error("no complete answer within {} s", .0.as_secs_f64())]
    Timeout(Duration),
    #[error("{}", innermost(.0))]
    Connection(#[from] hyper_util::client::legacy::Error),
    #[error("the answer broke off: {}", innermost(.0))]
    BrokenOff(#[from] hyper::Error),
    #[error("not a request: {0}")]
    Request(#[from] http::Error),
}

#[derive(Debug)]
pub(crate) struct Api {
    base: BaseUrl,
    client: Client<HttpConnector, Empty<Bytes>>,
    timeout: Duration,
}

/// Well below a load balancer's idle timeout, so that a kept connection is not reused while the other side closes it.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(15);

impl Api {
    pub(crate) fn new(base: BaseUrl, timeout: Duration) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .build(connector);
        Self { base, client, timeout }
    }

    /// Asks as this user and reads the answer to its end.
    pub(crate) async fn get(&self, path: &str, user: &User) -> Result<(), Failure> {
        timeout(self.timeout, self.answer(path, user)).await.unwrap_or(Err(Failure::Timeout(self.timeout)))
    }

    async fn answer(&self, path: &str, user: &User) -> Result<(), Failure> {
        let request = Request::get(format!("{}{path}", self.base))
            .header(AUTHORIZATION, &user.authorization)
            .header(ACCEPT, "application/json")
            .body(Empty::new())?;
        let response = self.client.request(request).await?;
        let status = response.status();
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            frame?;
        }
        if status.is_success() { Ok(()) } else { Err(Failure::Status(status)) }
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        loopback(text).map(Self).ok_or_else(|| BaseUrlError(text.to_owned()))
    }
}

impl From<BaseUrl> for SocketAddr {
    fn from(base: BaseUrl) -> Self {
        base.0
    }
}

impl TryFrom<SocketAddr> for BaseUrl {
    type Error = BaseUrlError;

    fn try_from(addr: SocketAddr) -> Result<Self, Self::Error> {
        if addr.ip().is_loopback() { Ok(Self(addr)) } else { Err(BaseUrlError(addr.to_string())) }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.0)
    }
}

/// `localhost` is taken to be 127.0.0.1 and not looked up: a resolver could answer something else.
fn loopback(text: &str) -> Option<SocketAddr> {
    let uri: Uri = text.parse().ok()?;
    let authority = uri.authority()?;
    let plain = uri.scheme_str() == Some("http") && uri.path() == "/" && uri.query().is_none();
    let addr = match (authority.host(), authority.port_u16()) {
        _ if !plain => return None,
        ("localhost", Some(port)) => (Ipv4Addr::LOCALHOST, port).into(),
        _ => authority.as_str().parse::<SocketAddr>().ok()?,
    };
    addr.ip().is_loopback().then_some(addr)
}

/// What really happened; the errors around it say only where.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_accepted() {
        for (text, shown) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://127.1.2.3:80/", "http://127.1.2.3:80"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://localhost:8080", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(text.parse::<BaseUrl>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn any_other_place_is_refused() {
        for text in [
            "http://192.168.1.7:8080",
            "http://app.exstrat.com:80",
            "http://localhost.exstrat.com:80",
            "http://127.0.0.1@exstrat.com:80",
            "http://0.0.0.0:80",
            "https://127.0.0.1:443",
            "http://127.0.0.1",
            "http://127.0.0.1:8080/api",
            "127.0.0.1:8080",
            "",
        ] {
            let error = text.parse::<BaseUrl>().unwrap_err().to_string();
            assert!(error.contains(&format!("found `{text}`")), "{error}");
        }
        assert!(BaseUrl::try_from(SocketAddr::from(([10, 0, 0, 1], 80))).is_err());
    }
}
