//! A failed call, sorted by what a caller can do about it.

use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// A call that AWS refused or did not answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{operation}: {kind}: {message}")]
pub struct Error {
    /// What to branch on.
    pub kind: Kind,
    /// The API's operation.
    pub operation: &'static str,
    /// AWS's own words, or the transport's.
    pub message: String,
}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Too many calls in this account and region; later ones may succeed.
    Throttled,
    /// The thing asked for does not exist.
    NotFound,
    /// The desired capacity lies outside the group's minimum and maximum.
    OutOfBounds,
    /// The group is busy with a scaling activity and takes no change now.
    ScalingActivityInProgress,
    /// No answer in time.
    Timeout,
    /// No connection.
    Unreachable,
    /// Credentials are missing, wrong or insufficient.
    Denied,
    /// Anything else.
    Other,
}

impl Kind {
    /// The stable code, as in the journal and the metrics' labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::NotFound => "not_found",
            Self::OutOfBounds => "out_of_bounds",
            Self::ScalingActivityInProgress => "scaling_activity_in_progress",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Denied => "denied",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_str().replace('_', " "))
    }
}

impl Error {
    pub(crate) fn of<E, R>(operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: fmt::Debug + 'static,
    {
        let (kind, message) = (kind(error), error.message().map(str::to_owned));
        Self { kind, operation, message: message.unwrap_or_else(|| causes(error)) }
    }
}

/// An error and what caused it, in one line.
pub(crate) fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn kind<E, R>(error: &SdkError<E, R>) -> Kind
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: fmt::Debug + 'static,
{
    match error {
        SdkError::ServiceError(service) => {
            let refusal = service.err();
            kind_of_code(refusal.code().unwrap_or_default(), refusal.message().unwrap_or_default())
        }
        SdkError::TimeoutError(_) => Kind::Timeout,
        _ if is_about_credentials(error) => Kind::Denied,
        SdkError::DispatchFailure(failure) if failure.is_timeout() => Kind::Timeout,
        SdkError::DispatchFailure(_) => Kind::Unreachable,
        _ => Kind::Other,
    }
}

fn kind_of_code(code: &str, message: &str) -> Kind {
    match code {
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException" => Kind::Throttled,
        "ScalingActivityInProgress" | "ScalingActivityInProgressFault" => Kind::ScalingActivityInProgress,
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "AuthFailure"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "MissingAuthenticationToken"
        | "OptInRequired" => Kind::Denied,
        "TargetGroupNotFound" | "LoadBalancerNotFound" => Kind::NotFound,
        "ValidationError" => kind_of_validation(message),
        _ => Kind::Other,
    }
}

/// Auto Scaling has one code for everything that is invalid, and only the words tell them apart:
/// "`AutoScalingGroup` name not found" and "New `SetDesiredCapacity` value 25 is above max value 20".
fn kind_of_validation(message: &str) -> Kind {
    if message.contains("not found") {
        Kind::NotFound
    } else if message.contains("above max value") || message.contains("below min value") {
        Kind::OutOfBounds
    } else {
        Kind::Other
    }
}

fn is_about_credentials(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source())
        .any(<dyn std::error::Error>::is::<CredentialsError>)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validation_errors_are_told_apart_by_their_words() {
        let above = "New SetDesiredCapacity value 25 is above max value 20 for the AutoScalingGroup.";
        assert_eq!(kind_of_code("ValidationError", above), Kind::OutOfBounds);
        let unknown = "AutoScalingGroup name not found - AutoScalingGroup web not found";
        assert_eq!(kind_of_code("ValidationError", unknown), Kind::NotFound);
        assert_eq!(kind_of_code("ValidationError", "something else"), Kind::Other);
    }

    #[test]
    fn an_error_names_the_call_the_kind_and_the_words() {
        let error = Error {
            kind: Kind::ScalingActivityInProgress,
            operation: "SetDesiredCapacity",
            message: "wait".to_owned(),
        };
        assert_eq!(error.to_string(), "SetDesiredCapacity: scaling activity in progress: wait");
    }
}
