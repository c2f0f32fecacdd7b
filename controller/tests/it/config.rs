//! The configuration: what is taken, and exactly what is said of what is not.

use std::time::Duration;

use controller::config::{Config, LogFormat, Variables};
use scaling::{Pause, Strategy};

const GROUP: &str = r#"
[[group]]
name = "web"
load_balancer = "app/web/50dc6c495c0c9188"
target_groups = ["targetgroup/web/73e2d6bc24d8a067"]
"#;

fn parse(text: &str) -> Result<Config, String> {
    parse_with(text, &[])
}

fn parse_with(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let variables: Variables =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::parse("c.toml", text, &variables).map_err(|error| error.to_string())
}

#[test]
fn the_example_is_valid_and_says_the_defaults() {
    let example = include_str!("../../controller.example.toml");
    let config = parse(example).unwrap();
    assert_eq!(config.groups[0].dimensions.target_groups.len(), 2);
    let uncommented: String = example
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(key) if key.starts_with(|c: char| c.is_ascii_lowercase()) => key,
            _ => line,
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    let spelt_out = parse(&uncommented).unwrap();
    assert_eq!(
        (spelt_out.tick, spelt_out.listen, &spelt_out.journal),
        (config.tick, config.listen, &config.journal)
    );
    assert_eq!(
        (spelt_out.retention, spelt_out.log, spelt_out.metrics),
        (config.retention, config.log, config.metrics)
    );
    assert_eq!(spelt_out.aws.call_timeout, config.aws.call_timeout);
    let (said, default) = (&spelt_out.groups[0].policy, &config.groups[0].policy);
    assert_eq!(said.strategy, default.strategy);
    assert_eq!((said.objective_p95_s, said.utilisation), (default.objective_p95_s, default.utilisation));
    assert_eq!((said.boot_s, said.max_age_s), (default.boot_s, default.max_age_s));
    assert_eq!(said.stabilization_window_s, default.stabilization_window_s);
    assert_eq!(
        (said.scale_in_cooldown_s, said.error_budget),
        (default.scale_in_cooldown_s, default.error_budget)
    );
}

#[test]
fn every_key_arrives_in_its_place() {
    let config = parse(
        r#"
        tick = "5s"
        listen = "127.0.0.1:0"
        journal = "/var/lib/controller/journal"
        retention = "30 days"
        heartbeat = "ExStrat/Controller"
        [log]
        format = "json"
        level = "debug"
        [aws]
        region = "eu-west-3"
        endpoint_url = "http://127.0.0.1:4566"
        call_timeout = "2s"
        [metrics]
        period = "10s"
        publish_delay = "5s"
        [[group]]
        name = "web"
        load_balancer = "app/web/1"
        target_groups = ["targetgroup/a/1", "targetgroup/b/2"]
        objective_target_group = "targetgroup/b/2"
        [group.policy]
        strategy = "rules"
        pause = "scale-in"
        objective_p95 = "1500ms"
        utilisation = 0.6
        instance_capacity_per_s = 12
        boot = "90s"
        max_age = "2m"
        stabilization_window = "5m"
        scale_in_cooldown = "0s"
        scale_in_step = 0.5
        scale_out_step = 4
        min = 2
        max = 40
        "#,
    )
    .unwrap();
    assert_eq!((config.tick, config.log.format), (Duration::from_secs(5), LogFormat::Json));
    assert_eq!(config.heartbeat.as_deref(), Some("ExStrat/Controller"));
    assert_eq!((config.metrics.period_s, config.metrics.publish_delay_s), (10, 5));
    assert_eq!(config.aws.endpoint_url.as_deref(), Some("http://127.0.0.1:4566"));
    assert_eq!(config.aws.call_timeout, Duration::from_secs(2));
    let group = &config.groups[0];
    assert_eq!(group.dimensions.objective_target_group, "targetgroup/b/2");
    let policy = &group.policy;
    assert_eq!((policy.strategy, policy.pause), (Strategy::Rules, Pause::ScaleIn));
    assert_eq!((policy.objective_p95_s, policy.boot_s, policy.max_age_s), (1.5, 90.0, 120.0));
    assert_eq!((policy.stabilization_window_s, policy.scale_in_cooldown_s), (Some(300.0), 0.0));
    assert_eq!((policy.instance_capacity_per_s, policy.scale_out_step), (Some(12.0), Some(4)));
    assert_eq!((policy.min, policy.max, policy.scale_in_step), (Some(2), Some(40), Some(0.5)));
}

#[test]
fn what_is_wrong_is_said_with_its_line_and_what_is_allowed() {
    let with_group = |text: &str| format!("{text}{GROUP}");
    let with_policy = |text: &str| format!("{GROUP}[group.policy]\n{text}\n");
    for (text, expected) in [
        (with_group("tikc = \"5s\""), "c.toml:1: unknown key `tikc`; did you mean `tick`?"),
        (with_group("[log]\ncolour = 1\n"), "c.toml:2: unknown key `log.colour`; allowed: format, level"),
        (
            with_group("tick = \"0s\""),
            "c.toml:1: `tick` is \"0s\"; allowed: a time from 1s to 1h, such as \"1s\"",
        ),
        (
            with_group("heartbeat = \"AWS/EC2\""),
            "c.toml:1: `heartbeat` is \"AWS/EC2\"; allowed: a CloudWatch namespace of your own, such as \"ExStrat/Controller\": letters, digits and . - _ / # :",
        ),
        (with_group("tick = 5"), "c.toml:1: `tick` is 5; allowed: a time from 1s to 1h, such as \"1s\""),
        (
            with_group("listen = \"9464\""),
            "c.toml:1: `listen` is \"9464\"; allowed: an address and port, such as \"127.0.0.1:9464\"",
        ),
        (
            with_group("[log]\nlevel = \"loud\"\n"),
            "c.toml:2: `log.level` is \"loud\"; allowed: \"error\" or \"warn\" or \"info\" or \"debug\" or \"trace\"",
        ),
        (
            with_group("[metrics]\nperiod = \"45s\"\n"),
            "c.toml:2: `metrics.period` is \"45s\"; allowed: \"1s\", \"5s\", \"10s\", \"30s\" or whole minutes up to \"1h\"",
        ),
        (
            with_group("[aws]\nendpoint_url = \"localhost:4566\"\n"),
            "c.toml:2: `aws.endpoint_url` is \"localhost:4566\"; allowed: a URL, such as \"http://127.0.0.1:4566\"",
        ),
        (with_group("aws = 1\n"), "c.toml:1: `aws` is 1; allowed: a table"),
        (
            with_group("tick = \n"),
            "c.toml:1: not valid TOML: string values must be quoted, expected literal string",
        ),
        (
            with_group("[metrics]\nperiod = \"5m\"\n"),
            "c.toml:4: `group[0].policy.max_age` is 240s unless it is set; allowed: at least 370s (period + publish_delay + tick)",
        ),
        (String::new(), "c.toml: no group is configured; at least one [[group]] is needed"),
        (
            with_policy("utilisation = 1.2"),
            "c.toml:7: `group[0].policy.utilisation` is 1.2; allowed: 0.2 to 0.95",
        ),
        (
            with_policy("objective_p95 = \"2m\""),
            "c.toml:7: `group[0].policy.objective_p95` is \"2m\"; allowed: 0.01 to 60 seconds",
        ),
        (
            with_policy("boot = \"90\""),
            "c.toml:7: `group[0].policy.boot` is \"90\"; allowed: a time such as \"90s\" or \"10m\"",
        ),
        (
            with_policy("max_age = \"100s\""),
            "c.toml:7: `group[0].policy.max_age` is \"100s\"; allowed: at least 130s (period + publish_delay + tick), \
             or a reading is stale before the next one arrives",
        ),
        (
            with_policy("min = 5\nmax = 4"),
            "c.toml:7: `group[0].policy.min` is 5; allowed: at most max, which is 4",
        ),
        (
            with_policy("pause = true"),
            "c.toml:7: `group[0].policy.pause` is true; allowed: \"none\" or \"scale-in\" or \"all\"",
        ),
        (
            with_policy("objective_p95_s = 3"),
            "c.toml:7: unknown key `group[0].policy.objective_p95_s`; did you mean `objective_p95`?",
        ),
    ] {
        assert_eq!(parse(&text).unwrap_err(), expected);
    }
}

#[test]
fn a_group_is_named_and_placed() {
    for (text, expected) in [
        (
            "[[group]]\nload_balancer = \"app/web/1\"\ntarget_groups = [\"targetgroup/web/1\"]\n".to_owned(),
            "c.toml:1: `group[0].name` is missing; allowed: the Auto Scaling group's name",
        ),
        (
            GROUP.replace("app/web", "arn:aws:x/app/web"),
            "c.toml:4: `group[0].load_balancer` is \"arn:aws:x/app/web/50dc6c495c0c9188\"; allowed: the end of the \
             load balancer's ARN, such as \"app/web/50dc6c495c0c9188\"",
        ),
        (
            GROUP.replace("\"targetgroup/web/73e2d6bc24d8a067\"", "\"web\""),
            "c.toml:5: `group[0].target_groups` is [\"web\"]; allowed: a list of the ends of different target groups' ARNs, such as \
             [\"targetgroup/web/73e2d6bc24d8a067\"]",
        ),
        (
            format!("{GROUP}objective_target_group = \"targetgroup/other/1\"\n"),
            "c.toml:6: `group[0].objective_target_group` is \"targetgroup/other/1\"; allowed: one of target_groups: \
             targetgroup/web/73e2d6bc24d8a067",
        ),
        (
            GROUP.replace("a067\"]", "a067\", \"targetgroup/b/1\"]"),
            "c.toml:2: `group[0].objective_target_group` is missing; allowed: one of target_groups: \
             targetgroup/web/73e2d6bc24d8a067, targetgroup/b/1",
        ),
        (format!("{GROUP}{GROUP}"), "c.toml: two groups are named \"web\"; allowed: unique names"),
    ] {
        assert_eq!(parse(&text).unwrap_err(), expected);
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_once_in_the_files_order() {
    let error = parse("tick = \"0s\"\nlog = { level = 3 }\n[metrics]\nperoid = \"60s\"\n").unwrap_err();
    let lines: Vec<&str> = error.lines().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(lines, ["c.toml", "c.toml:1", "c.toml:2", "c.toml:4"]);
}

#[test]
fn the_environment_overrides_the_file() {
    let config = parse_with(
        GROUP,
        &[
            ("CONTROLLER_TICK", "2s"),
            ("CONTROLLER_AWS__ENDPOINT_URL", "http://127.0.0.1:1"),
            ("CONTROLLER_CONFIG", "is the command line's"),
        ],
    )
    .unwrap();
    assert_eq!(config.tick, Duration::from_secs(2));
    assert_eq!(config.aws.endpoint_url.as_deref(), Some("http://127.0.0.1:1"));
}

#[test]
fn the_environment_is_held_to_the_same_rules() {
    for (name, value, expected) in [
        ("CONTROLLER_TIKC", "2s", "CONTROLLER_TIKC (environment): unknown key `tikc`; did you mean `tick`?"),
        (
            "CONTROLLER_AWS__REGOIN",
            "eu-west-3",
            "CONTROLLER_AWS__REGOIN (environment): unknown key `aws.regoin`; did you mean `region`?",
        ),
        (
            "CONTROLLER_TICK",
            "2",
            "CONTROLLER_TICK (environment): `tick` is 2; allowed: a time from 1s to 1h, such as \"1s\"",
        ),
        (
            "CONTROLLER_GROUP__NAME",
            "web",
            "CONTROLLER_GROUP__NAME (environment): `group.name` cannot be set from the environment, only in the file",
        ),
    ] {
        assert_eq!(parse_with(GROUP, &[(name, value)]).unwrap_err(), expected);
    }
}

#[test]
fn target_tracking_is_told_its_one_target() {
    let with = |policy: &str| parse(&format!("{GROUP}[group.policy]\n{policy}"));
    let tracked = with("strategy = \"target-tracking\"\ntarget = { requests_per_s = 14 }").unwrap();
    assert_eq!(tracked.groups[0].policy.target, Some(scaling::Target::RequestsPerS(14.0)));
    let both = with("strategy = \"target-tracking\"\ntarget = { requests_per_s = 14, cpu_percent = 50 }");
    let message = "`group[0].policy.target` has to name one metric; allowed: requests_per_s or cpu_percent";
    assert!(both.unwrap_err().contains(message));
    let idle = with("target = { cpu_percent = 50 }").unwrap_err();
    assert!(idle.contains("allowed: only with the strategy target-tracking"), "{idle}");
}

#[test]
fn a_calendar_money_and_zones_arrive_in_their_places() {
    let policy = r#"
        zone_headroom = 3
        price_per_instance_hour = 0.0416
        max_per_hour = "2.5"
        max_per_month = 500
        [[group.policy.calendar]]
        name = "market open"
        days = ["mon", "fri"]
        dates = ["2026-12-24"]
        from = "08:45"
        to = "10:30"
        utc_offset = "-05:00"
        requests_per_s = 120
    "#;
    let config = parse(&format!("{GROUP}[group.policy]{policy}")).unwrap();
    let policy = &config.groups[0].policy;
    assert_eq!(policy.zone_headroom, Some(3));
    let written = |dollars: Option<scaling::Dollars>| dollars.map(|dollars| dollars.to_string());
    let money = [policy.price_per_instance_hour, policy.max_per_hour, policy.max_per_month].map(written);
    assert_eq!(money, ["0.0416", "2.50", "500.00"].map(|text| Some(text.to_owned())));
    let entry = &policy.calendar[0];
    assert_eq!(entry.days, [scaling::Weekday::Mon, scaling::Weekday::Fri]);
    let written = [
        entry.dates[0].to_string(),
        entry.from.to_string(),
        entry.to.to_string(),
        entry.utc_offset.to_string(),
    ];
    assert_eq!(written, ["2026-12-24", "08:45", "10:30", "-05:00"]);
    assert_eq!((entry.min, entry.requests_per_s), (None, Some(120.0)));
}

#[test]
fn a_calendar_that_makes_no_sense_is_refused_with_its_line() {
    let entry =
        "[[group.policy.calendar]]\nname = \"x\"\nfrom = \"9\"\nto = \"10:00\"\ndays = [\"monday\"]\n";
    let errors = parse(&format!("{GROUP}{entry}")).unwrap_err();
    assert!(errors.contains("`group[0].policy.calendar[0].from` is \"9\"; allowed: a time from"), "{errors}");
    assert!(
        errors.contains("`group[0].policy.calendar[0].days` is [\"monday\"]; allowed: a list of \"mon\""),
        "{errors}"
    );
    let idle = entry.replace("\"9\"", "\"09:00\"").replace("monday", "mon");
    let errors = parse(&format!("{GROUP}{idle}")).unwrap_err();
    assert!(
        errors.contains("`group[0].policy.calendar[0].min` is missing; allowed: instances, unless"),
        "{errors}"
    );
}
