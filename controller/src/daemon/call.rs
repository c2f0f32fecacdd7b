//! Every call to AWS: bounded in time whatever the adapter does, and counted.

use std::future::Future;
use std::time::Duration;

use aws::{Error, Kind};
use metrics::counter;

/// Awaits `call`, for `limit` at most.
pub(super) async fn call<T>(
    operation: &'static str,
    limit: Duration,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let answer = tokio::time::timeout(limit, call).await.unwrap_or_else(|_| {
        Err(Error { kind: Kind::Timeout, operation, message: format!("no answer within {limit:?}") })
    });
    let outcome = answer.as_ref().err().map_or("ok", |error| error.kind.as_str());
    counter!("controller_aws_calls_total", "operation" => operation, "outcome" => outcome).increment(1);
    answer
}
