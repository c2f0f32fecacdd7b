//! The AWS SDK, pointed at LocalStack.

use std::time::Duration;

use aws::Clients;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_smithy_http_client::Builder;

/// Paris, where ExStrat runs.
pub const REGION: &str = "eu-west-3";
/// LocalStack accepts any credentials, and these are what its users know.
pub const CREDENTIALS: &str = "test";

/// Clients of the LocalStack at `endpoint`: plain HTTP, as all of it is on loopback.
pub(crate) async fn at(endpoint: &str) -> Clients {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(Builder::new().build_http())
        .credentials_provider(Credentials::new(CREDENTIALS, CREDENTIALS, None, None, "localstack"))
        // A LocalStack that hangs must not hold whoever asks it; on a busy machine a first call loads a service.
        .timeout_config(TimeoutConfig::builder().operation_timeout(Duration::from_mins(1)).build())
        .region(Region::new(REGION))
        .endpoint_url(endpoint)
        .load()
        .await;
    Clients::new(&config)
}
