//! `simulator replay` against a LocalStack that remembers a day whose violations and hours are known.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws::Clients;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum};
use localstack::{CREDENTIALS, Cloud, Provisioned, REGION, Size, Stack, Steps, cargo};
use serde_json::Value;
use simulator::engine::Fluid;
use simulator::family::{Contender, Setting};
use simulator::response::Service;
use simulator::{Measures, Minute, Oracle, Plant, Run, Trace, Workload, simulate};

/// LocalStack forgets after a day.
const MINUTES: u32 = 22 * 60;
const OBJECTIVE_S: f64 = 3.0;

#[tokio::test(flavor = "multi_thread")]
async fn a_days_history_is_read_learned_from_and_judged_as_it_was() {
    let provisioned = Provisioned::ready(&Steps::silent()).await.unwrap();
    let folder = provisioned.run_folder("replay").unwrap();
    let cloud = Cloud::start(&provisioned.venv, &folder).await.unwrap();
    let size = Size { min: 2, max: 40, desired: 2 };
    let (clients, stack) = Stack::alone(cloud.endpoint(), "test-replay", size).await.unwrap();
    let (run, measures) = lived();
    fill(&clients, &stack, &run).await;

    let (json, html) = (folder.join("replay.json"), folder.join("replay.html"));
    let printed = replay(&provisioned.root, cloud.endpoint(), &stack, &json, &html).await;
    cloud.stop().await;

    assert!(printed.contains("the history shows its latency rise"), "{printed}");
    let page = std::fs::read_to_string(&html).unwrap();
    assert!(page.contains("what really happened") && page.contains("Fleet against demand"));
    let found: Value = serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    judge(&found["replay"], &run, &measures);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// What really happened is known; how much of it must be found again.
fn judge(found: &Value, run: &Run, measures: &Measures) {
    let number = |value: &Value| value.as_f64().unwrap();
    let happened = &found["happened"]["mean"];
    let violations = number(&happened["violating_minutes_percent"]);
    assert!(measures.violating_minutes_percent > 1.0, "a day without violations proves nothing");
    assert!((violations - measures.violating_minutes_percent).abs() < 0.2, "{violations} % of minutes");
    let hours = number(&happened["instance_hours"]) * 3600.0 / run.bill.instance_s;
    assert!((hours - 1.0).abs() < 0.03, "{hours} times the hours");
    let capacity_per_s = number(&found["instance_capacity_per_s"]);
    assert!((capacity_per_s / 20.0 - 1.0).abs() < 0.06, "{capacity_per_s} requests/s an instance");
    let believed = number(&found["believed_violations_percent"]);
    assert!((believed - violations).abs() < 1.0, "{believed} % of minutes, by the learned plant");
    let policies: Vec<&str> =
        found["rows"].as_array().unwrap().iter().map(|row| row["policy"].as_str().unwrap()).collect();
    assert_eq!(policies, ["history", "static=12", "hpa=0.6", "ours=0.5"]);
}

/// A day with a rhythm and spikes under target tracking, on the standard plant.
fn lived() -> (Run, Measures) {
    let per_min = |minute: u32| {
        let rhythm = 3000.0 - 2500.0 * (f64::from(minute) / f64::from(MINUTES) * std::f64::consts::TAU).cos();
        (rhythm + if minute % 400 > 370 { 2500.0 } else { 0.0 }) as u64
    };
    let trace = Trace { name: "day".to_owned(), bin_s: 60, requests: (0..MINUTES).map(per_min).collect() };
    let (plant, workload) = (Plant::default(), Workload::recorded(&trace, 3));
    let oracle = Oracle::of(&plant, &workload);
    let setting = Setting { plant: &plant, oracle: &oracle, curve_given: false };
    let mut policy = Contender::parse("target-tracking=0.8").unwrap().build(&setting).unwrap();
    let run = simulate(&plant, &workload, &mut Fluid::new(&plant), policy.as_mut());
    let measures = Measures::of(&oracle, &run);
    (run, measures)
}

/// Publishes each minute as a load balancer and a group do.
async fn fill(clients: &Clients, stack: &Stack, run: &Run) {
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let began_s = now_s / 60 * 60 - u64::from(MINUTES) * 60 - 300;
    let at = |index: usize| DateTime::from(UNIX_EPOCH + Duration::from_secs(began_s + 60 * index as u64));
    for (chunk, minutes) in run.minutes.chunks(250).enumerate() {
        let minutes = || minutes.iter().enumerate().map(|(index, minute)| (at(chunk * 250 + index), minute));
        let balancer = minutes().flat_map(|(at, minute)| of_the_balancer(stack, at, minute)).collect();
        put(clients, "AWS/ApplicationELB", balancer).await;
        let group = [dimension("AutoScalingGroupName", &stack.group)];
        let counts = minutes()
            .map(|(at, minute)| datum("GroupInServiceInstances", &group, at).value(minute.serving).build());
        put(clients, "AWS/AutoScaling", counts.collect()).await;
    }
}

fn of_the_balancer(stack: &Stack, at: DateTime, minute: &Minute) -> [MetricDatum; 2] {
    let dimensions = [
        dimension("LoadBalancer", &stack.load_balancer_dimension),
        dimension("TargetGroup", &stack.dashboard_dimension),
    ];
    let p95_s = p95_s(minute);
    // An exponential tail with this p95, as a hundred equally frequent times.
    let response_s = |percent: u32| p95_s * (1.0 - f64::from(percent) / 100.0).ln() / 0.05f64.ln();
    let times = (0..100).map(|percent| response_s(percent).max(0.001)).collect();
    [
        datum("RequestCount", &dimensions, at).value(minute.arrived).build(),
        datum("TargetResponseTime", &dimensions, at)
            .set_values(Some(times))
            .set_counts(Some(vec![(minute.arrived / 100.0).round(); 100]))
            .build(),
    ]
}

/// Where the minute violates, the p95 whose exponential tail has its share of slow requests; else Erlang's.
fn p95_s(minute: &Minute) -> f64 {
    let plant = Plant::default();
    if minute.violates() {
        return OBJECTIVE_S * 0.05f64.ln() / (minute.slow / minute.arrived).ln().min(-0.01);
    }
    let utilisation = minute.arrived / 60.0 / (minute.serving * plant.capacity_per_s());
    let response = Service::new(plant.service_s, plant.service_cv).response(plant.slots, utilisation);
    response.p95_s().min(0.98 * OBJECTIVE_S)
}

fn dimension(name: &str, value: &str) -> Dimension {
    Dimension::builder().name(name).value(value).build()
}

fn datum(
    name: &str,
    dimensions: &[Dimension],
    at: DateTime,
) -> aws_sdk_cloudwatch::types::builders::MetricDatumBuilder {
    MetricDatum::builder().metric_name(name).timestamp(at).set_dimensions(Some(dimensions.to_vec()))
}

async fn put(clients: &Clients, namespace: &str, data: Vec<MetricDatum>) {
    clients
        .cloud_watch
        .put_metric_data()
        .namespace(namespace)
        .set_metric_data(Some(data))
        .send()
        .await
        .unwrap();
}

/// Runs the program as an operator does; returns what it printed.
async fn replay(root: &Path, endpoint: &str, stack: &Stack, json: &Path, html: &Path) -> String {
    let mut command = cargo();
    command.args(["run", "--quiet", "--locked", "--bin", "simulator", "--", "replay", "--days", "1"]);
    command.args(["--group", &stack.group, "--endpoint", endpoint, "--region", REGION, "--seeds", "1"]);
    command.args(["--policy", "static=12", "hpa=0.6", "ours=0.5"]);
    command.arg("--json").arg(json).arg("--html").arg(html).current_dir(root);
    command.env("AWS_ACCESS_KEY_ID", CREDENTIALS).env("AWS_SECRET_ACCESS_KEY", CREDENTIALS);
    let output = command.kill_on_drop(true).output().await.unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    out.into_owned()
}
