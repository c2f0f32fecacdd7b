//! Chromium without a screen, driven over its `DevTools` protocol, as far as these tests need it.
//!
//! The crates for this generate the whole protocol and compile for as long as the rest of the tests; nine of its
//! methods are used here.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A page that takes longer is broken, or the machine very busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// No sandbox, since tests may run as root, and only our own page is opened; nothing that asks the internet.
const FLAGS: [&str; 10] = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en",
    "--remote-debugging-port=0",
];

/// A browser with an empty profile of its own, gone with this value.
pub(super) struct Browser {
    child: Child,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    calls: u64,
    events: VecDeque<Value>,
    _profile: TempDir,
}

impl Browser {
    /// Starts it.
    pub(super) async fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let program = crate::support::required("TEST_CHROMIUM", "a Chromium");
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--", &program]).args(FLAGS);
        command.arg(format!("--user-data-dir={}", profile.path().display())).arg("about:blank");
        // Whatever it keeps beside its profile goes there too.
        command.env("HOME", profile.path()).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let said =
            |line: Result<String, _>| line.ok()?.strip_prefix("DevTools listening on ").map(str::to_owned);
        let url = lines.by_ref().find_map(said).expect("Chromium says where it listens");
        // It goes on talking, and must not stop for want of a listener.
        std::thread::spawn(move || lines.for_each(drop));
        let (socket, _) = connect_async(url).await.unwrap();
        Self { child, socket, calls: 0, events: VecDeque::new(), _profile: profile }
    }

    /// Calls a method, of the browser or of what the session is attached to.
    pub(super) async fn call(&mut self, session: Option<&str>, method: &str, parameters: Value) -> Value {
        let answer = self.try_call(session, method, parameters).await;
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// The same where an error is an answer, too.
    pub(super) async fn try_call(
        &mut self,
        session: Option<&str>,
        method: &str,
        parameters: Value,
    ) -> Result<Value, Value> {
        self.calls += 1;
        let id = self.calls;
        let mut call = json!({"id": id, "method": method, "params": parameters});
        if let Some(session) = session {
            call["sessionId"] = session.into();
        }
        self.socket.send(Message::text(call.to_string())).await.unwrap();
        let answer = async {
            loop {
                let message = self.read().await;
                if message["id"] == id {
                    return message;
                }
                self.events.push_back(message);
            }
        };
        let mut answer = tokio::time::timeout(PATIENCE, answer).await.expect("Chromium answers");
        if answer["error"].is_null() { Ok(answer["result"].take()) } else { Err(answer["error"].take()) }
    }

    async fn read(&mut self) -> Value {
        let message = self.socket.next().await.expect("Chromium runs").unwrap();
        serde_json::from_str(message.to_text().unwrap()).unwrap()
    }

    /// What happened since the last time, as far as it came before the last answer.
    pub(super) fn take_events(&mut self) -> impl Iterator<Item = Value> {
        self.events.drain(..)
    }
}

impl Drop for Browser {
    /// Its helpers are of its process group, and hold the profile until they are gone.
    fn drop(&mut self) {
        let group = Pid::from_raw(self.child.id().try_into().unwrap());
        let _already_gone = killpg(group, Signal::SIGKILL);
        let _status = self.child.wait();
    }
}
