//! Stub targets and a balancer on free ports, ended when they are dropped.
#![allow(dead_code, reason = "each test program uses its part")]

use std::{
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use balancer::{
    Algorithm, Balancer, Fact, HealthCheck, Readings, Rule, Settings, Table, Target, TargetGroup, TargetState,
};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::mpsc,
    task::JoinHandle,
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

pub const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
/// Far more than anything here takes; a test that waits this long has failed.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A target. It answers as its function says, and counts what it was asked.
pub struct Stub {
    pub addr: SocketAddr,
    pub asked: Arc<AtomicUsize>,
    _serving: AbortOnDropHandle<()>,
}

impl Stub {
    pub async fn answering<F, A>(answer: F) -> Self
    where
        F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
        A: Future<Output = Response<Full<Bytes>>> + Send + 'static,
    {
        let listener = TcpListener::bind(LOOPBACK).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let serving = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, count) = (answer.clone(), count.clone());
                let service = service_fn(move |request| {
                    count.fetch_add(1, SeqCst);
                    let answered = answer(request);
                    async move { Ok::<_, Infallible>(answered.await) }
                });
                connections.spawn(
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades(),
                );
            }
        });
        Self { addr, asked, _serving: AbortOnDropHandle::new(serving) }
    }

    pub async fn saying(text: &'static str) -> Self {
        Self::answering(move |_| async move { say(text) }).await
    }

    pub async fn after(delay: Duration) -> Self {
        Self::answering(move |_| async move {
            tokio::time::sleep(delay).await;
            say("late")
        })
        .await
    }

    pub fn asked(&self) -> usize {
        self.asked.load(SeqCst)
    }
}

/// An address that refuses connections, and the socket that keeps others from taking it.
pub fn refusing_address() -> (SocketAddr, TcpSocket) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(LOOPBACK).unwrap();
    (socket.local_addr().unwrap(), socket)
}

pub fn say(text: &'static str) -> Response<Full<Bytes>> {
    Response::new(Full::from(text))
}

pub fn status(code: u16) -> Response<Full<Bytes>> {
    Response::builder().status(code).body(Full::default()).unwrap()
}

/// A serving balancer and a client of it.
pub struct Bench {
    pub balancer: Balancer,
    pub facts: mpsc::Receiver<Fact>,
    pub client: Client<HttpConnector, Empty<Bytes>>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Bench {
    pub async fn start(settings: Settings, table: Table) -> Self {
        let (balancer, facts) = Balancer::bind(LOOPBACK, settings).await.unwrap();
        balancer.update(table).unwrap();
        let stop = CancellationToken::new();
        let serving = tokio::spawn({
            let (balancer, stop) = (balancer.clone(), stop.clone());
            async move { balancer.serve(stop).await }
        });
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { balancer, facts, client, stop, serving }
    }

    pub async fn with(table: Table) -> Self {
        Self::start(Settings::default(), table).await
    }

    pub fn url(&self, path: &str) -> http::Uri {
        format!("http://{}{path}", self.balancer.local_addr()).parse().unwrap()
    }

    pub async fn get(&self, path: &str) -> (StatusCode, String) {
        let response = timeout(PATIENCE, self.client.get(self.url(path))).await.unwrap().unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    pub async fn fact(&mut self) -> Fact {
        timeout(PATIENCE, self.facts.recv()).await.expect("no fact came").unwrap()
    }

    /// The readings, once the balancer has counted what `reached` looks for.
    pub async fn readings_when(&self, reached: impl Fn(&Readings) -> bool) -> Readings {
        let counted = async {
            loop {
                let readings = self.balancer.take_period();
                if reached(&readings) {
                    return readings;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, counted).await.expect("the balancer never counted it")
    }

    pub async fn stop(self) {
        drop(self.client);
        self.stop.cancel();
        timeout(PATIENCE, self.serving).await.expect("the balancer does not end").unwrap();
    }
}

pub fn target(instance_id: &str, address: SocketAddr, state: TargetState) -> Target {
    Target { instance_id: instance_id.to_owned(), address, state }
}

pub fn healthy(instance_id: &str, stub: &Stub) -> Target {
    target(instance_id, stub.addr, TargetState::Healthy)
}

/// Round robin; health checks so rare that they disturb no count.
pub fn group(arn: &str, targets: Vec<Target>) -> TargetGroup {
    TargetGroup {
        arn: arn.to_owned(),
        algorithm: Algorithm::RoundRobin,
        deregistration_delay: PATIENCE,
        health_check: HealthCheck {
            path: "/health".to_owned(),
            interval: Duration::from_hours(1),
            timeout: Duration::from_secs(2),
            healthy_threshold: 2,
            unhealthy_threshold: 2,
            matcher: "200".parse().unwrap(),
        },
        targets,
    }
}

/// Everything goes to the one group.
pub fn table_of(group: TargetGroup) -> Table {
    let everything =
        Rule { priority: None, methods: Vec::new(), paths: Vec::new(), target_group_arn: group.arn.clone() };
    Table { rules: vec![everything], target_groups: vec![group], idle_timeout: PATIENCE }
}
