//! An HTTP client without a network: it answers from a list, in order, and keeps what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws::Clients;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

/// The transport; its clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Transport(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    answers: VecDeque<Answer>,
    asked: Vec<Vec<u8>>,
}

/// What comes back.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A status and a body of the query protocol.
    Xml(u16, String),
    /// A status and a body of CloudWatch's own protocol.
    Cbor(u16, Vec<u8>),
    /// Nothing, ever.
    Silence,
}

impl Transport {
    /// Gives these answers, one after the other; the last one again and again.
    pub fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        let inner = Inner { answers: answers.into_iter().collect(), asked: Vec::new() };
        Self(Arc::new(Mutex::new(inner)))
    }

    /// Clients on this transport, with short time limits.
    pub fn clients(&self) -> Clients {
        let credentials = Credentials::new("test", "test", None, None, "test");
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(Duration::from_secs(2))
            .operation_timeout(Duration::from_secs(5));
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-3"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::standard())
            .timeout_config(timeouts.build())
            .http_client(self.clone())
            .build();
        Clients::new(&config)
    }

    /// The bodies that were sent, one for each attempt.
    pub fn asked(&self) -> Vec<Vec<u8>> {
        self.0.lock().unwrap().asked.clone()
    }

    /// They as text, for the protocols that are.
    pub fn asked_text(&self) -> Vec<String> {
        self.asked().into_iter().map(|body| String::from_utf8(body).unwrap()).collect()
    }
}

impl HttpConnector for Transport {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut inner = self.0.lock().unwrap();
        inner.asked.push(request.body().bytes().unwrap_or_default().to_vec());
        let answer = match inner.answers.len() {
            0 | 1 => inner.answers.front().cloned(),
            _ => inner.answers.pop_front(),
        };
        match answer.expect("an answer was prepared") {
            Answer::Xml(status, body) => {
                HttpConnectorFuture::ready(Ok(response(status, "text/xml", body.into())))
            }
            Answer::Cbor(status, body) => {
                let mut response = response(status, "application/cbor", body.into());
                response.headers_mut().insert("smithy-protocol", "rpc-v2-cbor");
                HttpConnectorFuture::ready(Ok(response))
            }
            Answer::Silence => HttpConnectorFuture::new(std::future::pending()),
        }
    }
}

impl HttpClient for Transport {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

fn response(status: u16, content_type: &'static str, body: SdkBody) -> HttpResponse {
    let mut response = HttpResponse::new(status.try_into().unwrap(), body);
    response.headers_mut().insert("content-type", content_type);
    response
}

/// An error as the query protocol has it.
pub fn refusal(status: u16, code: &str, message: &str) -> Answer {
    Answer::Xml(
        status,
        format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
             <RequestId>1</RequestId></ErrorResponse>"
        ),
    )
}
