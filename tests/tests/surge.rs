//! The main job, through its own command: it passes with the controller, and fails, saying why, without.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::process::Output;

use support::demo_of;

/// Runs `localstack demo` on the short surge.
async fn demo(words: &[&str]) -> Output {
    demo_of("surge.toml").args(words).output().await.unwrap()
}

fn said(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fleet_follows_a_surge() {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("outcome.json");
    let output = demo(&["--json", json.to_str().unwrap()]).await;
    assert!(output.status.success(), "{}", said(&output));
    let outcome: serde_json::Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    assert_eq!(outcome["failures"], 0, "{outcome}");
    assert_eq!((&outcome["instances_min"], &outcome["instances_end"]), (&2.into(), &2.into()), "{outcome}");
    // Two ticks of one second.
    assert!(outcome["reaction_s"].as_f64().unwrap() < 2.0, "{outcome}");
    assert!(outcome["requests"].as_u64().unwrap() > 2_000, "{outcome}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_controller_fails_the_main_job() {
    let output = demo(&["--controller", "frozen"]).await;
    fails_for_want_of_instances(&output);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fixed_fleet_fails_the_main_job() {
    let output = demo(&["--controller", "absent"]).await;
    fails_for_want_of_instances(&output);
}

fn fails_for_want_of_instances(output: &Output) {
    let said = said(output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("FAULT: the group did not scale out: it never had more than 2 instances"),
        "{said}"
    );
    assert!(said.contains("FAULT: the p95 did not come back under 3 s while the load was high"), "{said}");
}
