//! A stub API on a free port, and what a run needs.
#![allow(dead_code, reason = "each test program uses its part")]

use std::{
    convert::Infallible,
    net::Ipv4Addr,
    path::Path,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use traffic::{BaseUrl, RateDial, Recorder, Report, Scenario, User, run};

pub struct Stub {
    pub base: BaseUrl,
    /// `path authorization` of each request, in their order.
    pub asked: Arc<Mutex<Vec<String>>>,
    _serving: AbortOnDropHandle<()>,
}

impl Stub {
    /// Answers the n-th request (from 0) as the function says.
    pub async fn answering<F, A>(answer: F) -> Self
    where
        F: Fn(usize, String) -> A + Clone + Send + 'static,
        A: Future<Output = StatusCode> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let base = listener.local_addr().unwrap().try_into().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        let serving = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, log) = (answer.clone(), log.clone());
                let service = service_fn(move |request: Request<Incoming>| {
                    let path = request.uri().path().to_owned();
                    let authorization = request.headers()["authorization"].to_str().unwrap();
                    let number = {
                        let mut log = log.lock().unwrap();
                        log.push(format!("{path} {authorization}"));
                        log.len() - 1
                    };
                    let status = answer(number, path);
                    async move {
                        let mut response = Response::new(Full::new(Bytes::from_static(b"{}")));
                        *response.status_mut() = status.await;
                        Ok::<_, Infallible>(response)
                    }
                });
                connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { base, asked, _serving: AbortOnDropHandle::new(serving) }
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

pub fn scenario(text: &str) -> Scenario {
    Scenario::parse(text, Path::new("test.toml")).unwrap()
}

pub fn users(count: usize) -> Vec<User> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users.tsv");
    let lines: Vec<_> = (1..=count).map(|i| format!("token-{i}\tp-{i}")).collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    User::load_all(&file).unwrap()
}

pub fn recorder(scenario: &Scenario) -> Arc<Recorder> {
    Arc::new(Recorder::new(scenario.objective_s, scenario.timeout.as_secs_f64()))
}

pub async fn run_at(base: BaseUrl, scenario: &Scenario) -> Report {
    let recorder = recorder(scenario);
    run(scenario, base, users(3), recorder, RateDial::default(), CancellationToken::new()).await.unwrap()
}
