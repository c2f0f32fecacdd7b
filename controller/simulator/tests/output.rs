//! What the program says, and to whom.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::process::{Command, Stdio};

#[test]
fn a_closed_pipe_is_no_failure_and_the_files_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let (trace, timeline) = (folder.path().join("trace.csv"), folder.path().join("timeline.csv"));
    let minutes: Vec<String> = (0..30).map(|minute| format!("{},600\n", 60 * minute)).collect();
    let minutes = format!("t_seconds,requests\n{}", minutes.concat());
    std::fs::write(&trace, minutes).unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut simulate = Command::new(env!("CARGO_BIN_EXE_simulator"));
    simulate
        .args(["simulate", "--policy", "static=2", "--trace"])
        .arg(&trace)
        .arg("--timeline")
        .arg(&timeline);
    let done = simulate.stdin(Stdio::null()).stdout(writer).output().unwrap();
    assert_eq!((done.status.code(), String::from_utf8(done.stderr).unwrap()), (Some(0), String::new()));
    assert!(std::fs::read_to_string(timeline).unwrap().starts_with("t_seconds,"));
}
