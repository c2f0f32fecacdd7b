//! Ctrl-C while everything starts leaves nothing behind.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use support::{demo_of, until};
use tests::{adopt_orphans, descendants, left_behind};

/// The first start may have to wait for a build.
const PATIENCE: Duration = Duration::from_mins(10);

/// The one test of this program: what descends from it descends from the demo.
#[tokio::test]
async fn an_interrupted_start_leaves_no_process() {
    adopt_orphans().unwrap();
    let demo = demo_of("surge.toml").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    // `cargo run` becomes the program that it runs.
    let pid = Pid::from_raw(i32::try_from(demo.id().unwrap()).unwrap());
    until("LocalStack and PostgreSQL start", PATIENCE, async || {
        let processes = descendants();
        let runs = |words: &str| processes.iter().any(|process| process.command.contains(words));
        (runs("localstack.runtime.main") && (runs("initdb") || runs("postgres -D"))).then_some(())
    })
    .await;
    kill(pid, Signal::SIGINT).unwrap();
    let output = demo.wait_with_output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("error: interrupted while starting"), "{said}");
    assert_eq!(left_behind(&[Path::new("/")], Duration::from_secs(10)), []);
}
