//! Two daemons as processes: the leader is killed, and the standby leads.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::database::Database;

/// A daemon whose AWS is a port where nobody listens; it does not outlive the test.
struct Daemon {
    child: Child,
    log: PathBuf,
}

struct Site {
    folder: TempDir,
    database: Database,
}

impl Site {
    async fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap(), database: Database::empty().await };
        let text = r#"
            tick = "1s"
            listen = "127.0.0.1:0"
            [aws]
            region = "eu-west-3"
            endpoint_url = "http://127.0.0.1:9"
            call_timeout = "500ms"
            [[group]]
            name = "web"
            load_balancer = "app/web/1"
            target_groups = ["targetgroup/web/1"]
        "#;
        std::fs::write(site.folder.path().join("controller.toml"), text).unwrap();
        site
    }

    fn command(&self, word: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_controller"));
        command.arg(word).arg("--config").arg(self.folder.path().join("controller.toml"));
        command.env("CONTROLLER_JOURNAL", &self.database.url);
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        command
    }

    fn daemon(&self, name: &str) -> Daemon {
        let log = self.folder.path().join(name);
        let out = File::create(&log).unwrap();
        let child = self.command("run").stdin(Stdio::null()).stderr(out).spawn().unwrap();
        Daemon { child, log }
    }

    fn says(&self, word: &str) -> String {
        String::from_utf8(self.command(word).output().unwrap().stdout).unwrap()
    }
}

impl Daemon {
    /// Another process does things whenever it does, so this polls, and gives up with what there was.
    fn waits_to_say(&self, text: &str) -> Duration {
        let began = Instant::now();
        while !self.log().contains(text) {
            assert!(
                began.elapsed() < Duration::from_mins(1),
                "waited for {text:?}; the log:\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
        began.elapsed()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    fn end(&mut self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        self.child.wait().unwrap();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_killed_leader_is_followed_within_seconds_and_one_that_stops_at_once() {
    let site = Site::new().await;
    let mut first = site.daemon("first");
    first.waits_to_say("fleet_unknown");
    let mut second = site.daemon("second");
    second.waits_to_say("started");
    assert!(site.says("status").starts_with("controller runs\n"));
    // Six and a half seconds of lease, and two until it is asked for.
    first.end("KILL");
    assert!(!second.log().contains("leading"), "{}", second.log());
    let took = second.waits_to_say("leading");
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert!(second.log().contains("term=2"), "{}", second.log());
    second.waits_to_say("fleet_unknown");
    let third = site.daemon("third");
    third.waits_to_say("started");
    second.end("TERM");
    third.waits_to_say("term=3");
    drop(third);
    assert!(site.says("history").lines().filter(|line| line.contains("fleet_unknown")).count() >= 2);
    assert!(site.says("explain").contains("Hold: AWS did not answer"));
}
