//! `controller schema`: what the schemas take is what the program takes and tells.

use std::collections::BTreeSet;
use std::process::Command;

use controller::config::{Config, Variables};
use jsonschema::Validator;
use scaling::{Notice, Observation, Pause, Reason};
use serde_json::{Value, json};

use crate::world::{Faults, Running, config};

fn schema(subject: &str) -> Value {
    let done = Command::new(env!("CARGO_BIN_EXE_controller")).args(["schema", subject]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

fn validator(subject: &str) -> Validator {
    jsonschema::validator_for(&schema(subject)).unwrap()
}

fn assert_valid(validator: &Validator, instance: &Value) {
    let errors: Vec<String> =
        validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path)).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{instance:#}");
}

/// Decisions of many kinds, with what was observed: surges and calm, faults, rules, pauses, somebody else's changes.
async fn a_day_s_journal(policy: &str) -> Running {
    let world = Running::settled(config(policy), 2, 12.0).await;
    world.cloud.set_load(90.0);
    world.pass(120).await;
    world.cloud.break_with(Faults { metrics: Some(aws::Kind::Throttled), ..Faults::default() });
    world.pass(90).await;
    world.cloud.break_with(Faults { describe: Some(aws::Kind::Throttled), ..Faults::default() });
    world.pass(20).await;
    world.cloud.break_with(Faults::default());
    world.cloud.set_load(0.0);
    world.pass(600).await;
    world.cloud.change_from_outside(9);
    world.pass(30).await;
    world
}

#[tokio::test(start_paused = true)]
async fn every_observation_and_decision_of_the_loop_is_valid() {
    let (observation, decision) = (validator("observation"), validator("decision"));
    let mut reasons = BTreeSet::new();
    for policy in ["", "strategy = \"feed-forward\"", "strategy = \"rules\"", "pause = \"all\"", "max = 3"] {
        for entry in a_day_s_journal(policy).await.ledger.entries() {
            assert_valid(&observation, &serde_json::to_value(&entry.observation).unwrap());
            assert_valid(&decision, &serde_json::to_value(&entry.decision).unwrap());
            reasons.insert(entry.decision.reason.as_str());
        }
    }
    assert!(reasons.len() >= 12, "of too few kinds: {reasons:?}");
}

/// What an observation's schema refuses, its parser refuses, and the other way round.
#[test]
fn an_observation_s_schema_and_parser_agree() {
    let validator = validator("observation");
    let whole = json!({
        "at": 1000.0,
        "fleet": {"desired": 2, "in_service": 2, "pending": 0, "min": 2, "max": 20, "boots_s": [151.5]},
        "datapoints": [{
            "at": 900, "period_s": 60, "requests_per_s": 20.5, "objective_requests_per_s": 12, "latency_p95_s": 1.2,
            "samples": 1230, "failed_per_s": 0, "cpu_percent": 40, "in_service": 2, "healthy": null,
        }],
    });
    let changed = |pointer: &str, value: Value| {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let mut changed = whole.clone();
        changed.pointer_mut(parent).unwrap()[key] = value;
        changed
    };
    let without = |key: &str| {
        let mut without = whole.clone();
        without.as_object_mut().unwrap().remove(key);
        without
    };
    let cases = [
        (whole.clone(), true),
        (without("fleet"), true),
        (without("datapoints"), true),
        (changed("/fleet", Value::Null), true),
        (without("at"), false),
        (changed("/at", json!("noon")), false),
        (changed("/wind", json!(1)), false),
        (changed("/fleet/least", json!(1)), false),
        (changed("/fleet/desired", json!(-1)), false),
        (changed("/fleet/desired", json!(2.5)), false),
        (changed("/datapoints/0/p95", json!(1)), false),
        (changed("/datapoints/0/samples", json!("many")), false),
    ];
    for (instance, is_good) in cases {
        assert_eq!(validator.is_valid(&instance), is_good, "{instance:#}");
        assert_eq!(serde_json::from_value::<Observation>(instance.clone()).is_ok(), is_good, "{instance:#}");
    }
}

/// The schemas have a name for every reason, pause and notice that there is.
#[test]
fn a_decision_s_schema_knows_every_code() {
    let text = schema("decision").to_string();
    for reason in Reason::ALL {
        assert!(text.contains(&format!("{:?}", reason.as_str())), "{reason:?}");
    }
    let notices = [Notice::ForeignChange { expected: 1, found: 2 }, Notice::DatapointRefused { at: 0.0 }];
    for code in notices.map(|notice| serde_json::to_value(notice).unwrap()["notice"].to_string()) {
        assert!(text.contains(&code), "{code}");
    }
    let required = schema("decision")["required"].clone();
    for field in ["at", "desired", "action", "reason"] {
        assert!(required.as_array().unwrap().contains(&json!(field)), "{field} of {required}");
    }
    assert!(schema("config").to_string().contains(&serde_json::to_string(&Pause::ScaleIn).unwrap()));
}

const EXAMPLE: &str = include_str!("../../controller.example.toml");

/// The example with every key, also those that are commented out.
fn every_key() -> String {
    let is_key = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase());
    EXAMPLE.lines().flat_map(|line| [line.strip_prefix('#').filter(is_key).unwrap_or(line), "\n"]).collect()
}

#[test]
fn the_example_is_valid_by_the_configuration_s_schema() {
    let validator = validator("config");
    for text in [EXAMPLE, &every_key()] {
        assert_valid(&validator, &toml::from_str(text).unwrap());
    }
}

/// The keys that the parser would have taken in place of `unknown`, from what it says.
fn keys_read(text: &str) -> BTreeSet<String> {
    let error = Config::parse("c.toml", text, &Variables::new()).unwrap_err().to_string();
    let line = error.lines().find(|line| line.contains("unknown key")).unwrap();
    let (_, keys) = line.split_once("allowed: ").unwrap();
    keys.split(", ").map(str::to_owned).collect()
}

/// The keys of the table that `path` leads to, in the schema.
fn keys_told(schema: &Value, path: &[&str]) -> BTreeSet<String> {
    let table = path.iter().fold(schema, |table, key| {
        let property = resolved(schema, &table["properties"][key]);
        resolved(schema, property.get("items").unwrap_or(property))
    });
    assert_eq!(table["additionalProperties"], false, "{path:?}");
    table["properties"].as_object().unwrap().keys().cloned().collect()
}

fn resolved<'a>(schema: &'a Value, property: &'a Value) -> &'a Value {
    let options = property.get("anyOf").and_then(Value::as_array);
    let property = options.map_or(property, |options| &options[0]);
    let reference = property.get("$ref").and_then(Value::as_str);
    reference.map_or(property, |reference| schema.pointer(reference.trim_start_matches('#')).unwrap())
}

#[test]
fn the_configuration_s_schema_has_the_keys_that_are_read() {
    let schema = schema("config");
    let unknown = "zzzzzzzz = 1";
    let group =
        "[[group]]\nname = \"web\"\nload_balancer = \"app/web/1\"\ntarget_groups = [\"targetgroup/web/1\"]\n";
    for (path, text) in [
        (&[][..], format!("{unknown}\n{group}")),
        (&["log"], format!("[log]\n{unknown}\n{group}")),
        (&["aws"], format!("[aws]\n{unknown}\n{group}")),
        (&["metrics"], format!("[metrics]\n{unknown}\n{group}")),
        (&["group"], format!("{group}{unknown}\n")),
        (&["group", "policy"], format!("{group}[group.policy]\n{unknown}\n")),
        (&["group", "policy", "calendar"], format!("{group}[[group.policy.calendar]]\n{unknown}\n")),
    ] {
        assert_eq!(keys_told(&schema, path), keys_read(&text), "{path:?}");
    }
}

#[test]
fn what_the_configuration_s_schema_refuses_is_refused() {
    let validator = validator("config");
    let good: Value = toml::from_str(EXAMPLE).unwrap();
    let with = |key: &str, value: &str| format!("{key} = {value}\n{EXAMPLE}");
    for text in [
        with("tikc", "\"5s\""),
        with("tick", "5"),
        with("tick", "\"soon\""),
        EXAMPLE.replace("[group.policy]", "[group.policy]\nstrategy = \"hope\""),
        EXAMPLE.replace("[group.policy]", "[group.policy]\nmin = -1"),
        EXAMPLE.replace("targetgroup/api/", "api/"),
        EXAMPLE.replace("name = \"web\"", ""),
    ] {
        let changed: Value = toml::from_str(&text).unwrap();
        assert_ne!(changed, good);
        assert!(!validator.is_valid(&changed), "{changed:#}");
        assert!(Config::parse("c.toml", &text, &Variables::new()).is_err());
    }
}
