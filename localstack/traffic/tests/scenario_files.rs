//! What a scenario file may say, and what is said when it says something else.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a step that fails is a test that fails")]

use std::{fs, path::Path};

use traffic::{ClosedEnd, LoadKind, Scenario, Shape};

const HEAD: &str = "name = \"surge\"\nseed = 7\nload = \"dashboard\"\n";
const STAGE: &str = "[[stage]]\nname = \"before\"\nduration_s = 60\nusers_per_s = 5\n";
const CLOSED: &str = "[closed]\nusers = 10\nloads_per_user = 1\n";

fn parse(text: &str) -> Result<Scenario, String> {
    Scenario::parse(text, Path::new("surge.toml")).map_err(|error| error.to_string())
}

#[test]
fn stages_are_ramps_and_their_ranges_are_drawn_by_the_seed() {
    let drawn = "[[stage]]\nname = \"rise\"\nduration_s = [40, 70]\nusers_per_s = { from = 5, to = 40 }\n";
    let text = format!("{HEAD}{STAGE}{drawn}");
    let surge = parse(&text).unwrap();
    assert_eq!(surge, parse(&text).unwrap());
    assert_ne!(surge.duration_s(), parse(&text.replace("seed = 7", "seed = 8")).unwrap().duration_s());
    let stages = surge.stages();
    assert_eq!(
        (stages[0].name.as_str(), stages[1].name.as_str(), stages[1].start_s),
        ("before", "rise", 60.0)
    );
    let rise_s = stages[1].end_s - stages[1].start_s;
    assert!((40.0..=70.0).contains(&rise_s));
    let Shape::Open(timeline) = &surge.shape else { panic!("{surge:?}") };
    assert!((timeline.rate_at(60.0 + rise_s / 2.0) - 22.5).abs() < 1e-9);
    assert_eq!(
        (surge.load, surge.objective_s, surge.timeout.as_secs(), surge.in_flight_max),
        (LoadKind::Dashboard, 3.0, 60, 20_000)
    );
}

#[test]
fn a_closed_loop_ends_by_time_or_by_loads() {
    let beta = parse(&format!("{HEAD}{CLOSED}")).unwrap();
    assert!(
        matches!(beta.shape, Shape::Closed(closed) if closed.users == 10 && closed.end == ClosedEnd::AfterLoads(1))
    );
    assert_eq!((beta.duration_s(), beta.stages().len()), (None, 0));
    let timed = parse(&format!("{HEAD}[closed]\nusers = 10\nduration_s = 90\n")).unwrap();
    assert_eq!(timed.duration_s(), Some(90.0));
}

#[test]
fn a_trace_is_found_beside_its_scenario() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("day.csv"), "t_seconds,requests\n0,30\n60,120\n").unwrap();
    let file = folder.path().join("replay.toml");
    fs::write(&file, format!("{HEAD}[trace]\nfile = \"day.csv\"\nspeed_up = 60\npeak_users_per_s = 8\n"))
        .unwrap();
    let replay = Scenario::load(&file).unwrap();
    let Shape::Open(timeline) = &replay.shape else { panic!("{replay:?}") };
    assert_eq!((timeline.duration_s(), timeline.rate_at(0.5), timeline.rate_at(1.5)), (2.0, 2.0, 8.0));
}

#[test]
fn a_wrong_file_is_refused_in_a_sentence() {
    let staged = format!("{HEAD}{STAGE}");
    for (text, sentences) in [
        (format!("{HEAD}stage = []\n"), ["stage: found an empty list", "at least one stage"]),
        (staged.replace("seed = 7", "seed = \"x\""), ["seed = \"x\"", "expected u64"]),
        (staged.replace("seed", "sed"), ["line 2", "unknown field `sed`, expected one of `name`, `seed`"]),
        (
            staged.replace("\"dashboard\"", "\"all\""),
            ["unknown variant `all`", "`dashboard` or `four_calls`"],
        ),
        (
            staged.replace("= 60", "= \"1m\""),
            ["duration_s = \"1m\"", "a number of seconds, or a range of them such as [40, 70]"],
        ),
        (staged.replace("= 60", "= -1"), ["stage[0].duration_s: found -1", "allowed: 0.1 to 604800"]),
        (
            staged.replace("= 60", "= [70, 40]"),
            ["stage[0].duration_s: found [70, 40]", "from the smaller to the larger"],
        ),
        (staged.replace("= 5", "= nan"), ["stage[0].users_per_s: found NaN", "allowed: 0 to 10000"]),
        (
            staged.replace("= 5", "= { from = 5 }"),
            ["users_per_s = { from = 5 }", "a ramp such as { from = 5, to = 40 }"],
        ),
        (format!("{staged}{STAGE}"), ["stage[1].name: found `before`", "a name that no other stage has"]),
        (staged.replace("surge", " "), ["name: found an empty text", "allowed: a name"]),
        (format!("objective_s = 0\n{staged}"), ["objective_s: found 0", "allowed: 0.001 to 600"]),
        (format!("in_flight_max = 0\n{staged}"), ["in_flight_max: found 0", "allowed: 1 to 100000"]),
        (HEAD.to_owned(), ["[[stage]], [closed], [trace]: found none of them", "exactly one of them"]),
        (format!("{staged}{CLOSED}"), ["found more than one of them", "exactly one of them"]),
        (
            format!("{HEAD}{CLOSED}duration_s = 9\n"),
            ["closed.duration_s, closed.loads_per_user: found both", "exactly one"],
        ),
        (format!("{HEAD}[closed]\nusers = 1\n"), ["found neither", "exactly one of them"]),
        (format!("{HEAD}{CLOSED}").replace("= 10", "= 0"), ["closed.users: found 0", "allowed: 1 to 20000"]),
        (
            format!("{HEAD}{CLOSED}").replace("= 1\n", "= 0\n"),
            ["closed.loads_per_user: found 0", "1 or more"],
        ),
        (
            format!("{HEAD}[trace]\nfile = \"a\"\nspeed_up = 0\npeak_users_per_s = 1\n"),
            ["trace.speed_up: found 0", "allowed: 0.01"],
        ),
    ] {
        let error = parse(&text).unwrap_err();
        assert!(error.starts_with("surge.toml: "), "{error}");
        for sentence in sentences {
            assert!(error.contains(sentence), "`{sentence}` is not in: {error}");
        }
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = Scenario::load(Path::new("nowhere/surge.toml")).unwrap_err().to_string();
    assert!(error.starts_with("nowhere/surge.toml: cannot be read"), "{error}");
}
