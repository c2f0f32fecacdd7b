//! Clients that answer or fail within a known time.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

use crate::error::causes;

/// Where AWS is and how long it may take.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// The region; without one, that of the environment (`AWS_REGION` and the usual places).
    pub region: Option<String>,
    /// Another endpoint for all services; without one, `AWS_ENDPOINT_URL`, else AWS itself.
    pub endpoint_url: Option<String>,
    /// The longest that one call may take, its retries included.
    pub call_timeout: Duration,
}

/// Why AWS cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No region is known.
    #[error("no AWS region: set `aws.region` in the configuration, or AWS_REGION in the environment")]
    NoRegion,
    /// No credentials, or none in time.
    #[error("no AWS credentials: {0}")]
    NoCredentials(String),
}

/// One client per service, sharing connections, credentials and time limits.
#[derive(Clone, Debug)]
pub struct Clients {
    /// Auto Scaling.
    pub auto_scaling: aws_sdk_autoscaling::Client,
    /// CloudWatch.
    pub cloud_watch: aws_sdk_cloudwatch::Client,
    /// Elastic Load Balancing, version 2.
    pub load_balancing: aws_sdk_elasticloadbalancingv2::Client,
}

impl Clients {
    /// Clients of one configuration.
    pub fn new(config: &SdkConfig) -> Self {
        Self {
            auto_scaling: aws_sdk_autoscaling::Client::new(config),
            cloud_watch: aws_sdk_cloudwatch::Client::new(config),
            load_balancing: aws_sdk_elasticloadbalancingv2::Client::new(config),
        }
    }
}

/// Builds the clients, having made sure that there are a region and credentials: what is missing is said now and
/// not at the first call.
pub async fn connect(connection: &Connection) -> Result<Clients, ConnectError> {
    let config = load(connection).await;
    if config.region().is_none() {
        return Err(ConnectError::NoRegion);
    }
    require_credentials(&config, connection.call_timeout).await?;
    Ok(Clients::new(&config))
}

async fn load(connection: &Connection) -> SdkConfig {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts(connection.call_timeout))
        // Not adaptive: after two throttles that slows later calls down for a minute, and the next tick is a retry too.
        .retry_config(RetryConfig::standard().with_max_attempts(3).with_initial_backoff(INITIAL_BACKOFF));
    if let Ok(name) = AppName::new("exstrat-controller") {
        loader = loader.app_name(name);
    }
    if let Some(region) = &connection.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(url) = &connection.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    loader.load().await
}

const INITIAL_BACKOFF: Duration = Duration::from_millis(300);

/// The SDK's own default is a connect timeout and nothing else. An attempt gets half of the call's time, so that
/// one that hangs leaves room for another.
fn timeouts(call: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout((call / 4).min(Duration::from_secs(2)))
        .operation_attempt_timeout(call / 2)
        .operation_timeout(call)
        .build()
}

const NOWHERE: &str = "neither the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), nor a profile \
    (AWS_PROFILE), nor the machine's role has any";

async fn require_credentials(config: &SdkConfig, within: Duration) -> Result<(), ConnectError> {
    let missing = |why: String| Err(ConnectError::NoCredentials(why));
    let Some(provider) = config.credentials_provider() else {
        return missing("none are configured".to_owned());
    };
    match tokio::time::timeout(within, provider.provide_credentials()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(CredentialsError::CredentialsNotLoaded(_))) => missing(NOWHERE.to_owned()),
        Ok(Err(error)) => missing(causes(&error)),
        Err(_) => missing(format!("their provider did not answer within {within:?}")),
    }
}
