//! The program itself, as an operator runs it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use super::{Answer, SECRET, TestDatabase};

/// The program with a clean environment, on this database.
pub(crate) fn api(database: &TestDatabase) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_api"));
    command.env_clear().env("DATABASE_URL", &database.url).env("JWT_SECRET", SECRET).env("RUST_LOG", "error");
    command
}

/// `api serve`, killed if the test ends before it.
pub(crate) struct ApiProcess {
    child: Child,
    pub(crate) base_url: String,
}

impl ApiProcess {
    /// Starts it on this database.
    pub(crate) fn serve(database: &TestDatabase, flags: &[&str]) -> Self {
        let mut command = api(database);
        command.arg("serve").args(flags);
        Self::start(command)
    }

    /// Starts this command, `serve` and all, on a free port and reads which.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base_url =
            line.trim().strip_prefix("listening on ").expect("it says where it listens").to_owned();
        Self { child, base_url }
    }

    /// `GET path`, on a connection of its own.
    pub(crate) fn get(
        &self,
        path: &str,
        token: Option<&str>,
    ) -> impl Future<Output = Result<Answer, String>> + use<> {
        let authorization = token.map(|token| format!("Bearer {token}"));
        let headers = authorization.iter().map(|value| ("authorization", value.as_str()));
        self.send("GET", path, &headers.collect::<Vec<_>>(), Body::empty())
    }

    /// `GET path` with these headers.
    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, Body::empty()).await.unwrap()
    }

    /// Any request with a JSON body.
    pub(crate) async fn ask(&self, method: &str, path: &str, token: Option<&str>, body: &Value) -> Answer {
        let authorization = token.map(|token| format!("Bearer {token}"));
        let authorization = authorization.iter().map(|value| ("authorization", value.as_str()));
        let headers: Vec<_> = authorization.chain([("content-type", "application/json")]).collect();
        self.send(method, path, &headers, Body::from(body.to_string())).await.unwrap()
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> impl Future<Output = Result<Answer, String>> + use<> {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.base_url));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request.body(body).unwrap();
        async move {
            let client = Client::builder(TokioExecutor::new()).build_http();
            let (parts, body) =
                client.request(request).await.map_err(|error| error.to_string())?.into_parts();
            let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes().into();
            Ok(Answer { status: parts.status, headers: parts.headers, body })
        }
    }

    /// Waits until it serves so many requests.
    pub(crate) async fn serves(&self, requests: usize) {
        // Who asks for the metrics is served as well.
        let line = format!("api_requests_in_flight {}\n", requests + 1);
        let says_so = async || self.get("/metrics", None).await.unwrap().text().contains(&line);
        super::eventually("it serves as many requests", says_so).await;
    }

    /// What the fleet sends when an instance goes.
    pub(crate) fn terminate(&self) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end.
    pub(crate) async fn exit(mut self) -> ExitStatus {
        super::eventually("the process ends", async || !self.runs()).await;
        self.child.wait().unwrap()
    }
}

impl Drop for ApiProcess {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _status = self.child.wait();
    }
}
