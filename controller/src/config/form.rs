//! The file's form, which `controller schema config` tells. The file is read key by key, for the sake of errors that
//! name their line; a test holds this form against the keys that are read.

#![allow(dead_code, reason = "nothing but its schema is made of it")]
#![allow(clippy::struct_field_names, reason = "the keys' names are the file's")]

use scaling::{Pause, Strategy};
use schemars::JsonSchema;

/// The controller's configuration file, in TOML. Times are texts with their unit, such as "90s" or "10m".
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, title = "Configuration")]
pub(super) struct File {
    /// How often each group is looked at and decided on; 1s to 1h, 10s by default.
    tick: Option<Time>,
    /// Where /healthz, /readyz, /metrics and /state are served; 127.0.0.1:9464 by default.
    listen: Option<Text>,
    /// The journal's file, controller.journal by default; or the URL of a PostgreSQL database, for several controllers
    /// of which one leads. Its password is said by `CONTROLLER_JOURNAL` or `PGPASSWORD`, not by the file.
    journal: Option<Text>,
    /// How long the journal keeps decisions that acted or changed their reason; 1h to ten years, 14days by default.
    retention: Option<Time>,
    /// The CloudWatch namespace of a sign of life for each group that is looked after; none by default.
    #[schemars(regex(pattern = "^[A-Za-z0-9._/#: -]{1,255}$"))]
    heartbeat: Option<String>,
    log: Option<Log>,
    aws: Option<Aws>,
    metrics: Option<Metrics>,
    #[schemars(length(min = 1))]
    group: Vec<Group>,
}

/// How the daemon logs, always to standard error.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Log {
    /// For people, by default, or for machines.
    format: Option<Format>,
    /// The least severe level that is written; info by default.
    level: Option<Level>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Format {
    Human,
    Json,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Level {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// How AWS is reached.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Aws {
    /// The region; otherwise the environment's.
    region: Option<Text>,
    /// Another endpoint for all services.
    #[schemars(regex(pattern = "^https?://"))]
    endpoint_url: Option<String>,
    /// The longest that one call may take, its retries included; 100ms to 1m, 5s by default.
    call_timeout: Option<Time>,
}

/// When the load balancer's metrics are read.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Metrics {
    /// Their period: 1s, 5s, 10s, 30s or whole minutes up to 1h; 60s by default.
    period: Option<Time>,
    /// How long a period must be over to be read; whole seconds up to 1h, 60s by default.
    publish_delay: Option<Time>,
}

/// One Auto Scaling group and what is in front of it.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Group {
    /// The group's name, unique in the file.
    name: Text,
    /// The end of the load balancer's ARN, such as app/web/50dc6c495c0c9188.
    #[schemars(regex(pattern = "^app/[^/]+/[^/]+$"))]
    load_balancer: String,
    /// The ends of the ARNs of all target groups that the instances serve, each once.
    #[schemars(length(min = 1))]
    target_groups: Vec<TargetGroup>,
    /// The one of them whose latency has the objective; need not be said if there is only one.
    objective_target_group: Option<TargetGroup>,
    policy: Option<Policy>,
}

/// What is asked of a group.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Policy {
    /// forecast by default.
    strategy: Option<Strategy>,
    /// What target-tracking keeps where it is; needed by it, and by nothing else.
    target: Option<Target>,
    /// none by default.
    pause: Option<Pause>,
    /// The p95 of the response time must stay below this; 10ms to 1m, 3s by default.
    objective_p95: Option<Time>,
    /// The share of the time that may be slow; 0.0001 to 0.1, 0.005 by default.
    error_budget: Option<f64>,
    /// What a slow minute is worth, in minutes of one instance: a fixed price instead of the budget; 1 to 1,000,000.
    slow_minute_price: Option<f64>,
    /// The share of an instance's capacity that a sized fleet uses; 0.2 to 0.95, 0.7 by default.
    utilisation: Option<f64>,
    /// Requests per second that one instance serves at most, where that is known; learned otherwise.
    instance_capacity_per_s: Option<f64>,
    /// From launch to in service, until boots have been measured; up to 1h, 150s by default.
    boot: Option<Time>,
    /// A metric whose period ended longer ago is stale; at least the period, its delay and a tick together, 240s by default.
    max_age: Option<Time>,
    /// The fleet shrinks only to the highest number recommended within this window; up to 2h; if not said, the time
    /// in which an instance that was given up would be back.
    stabilization_window: Option<Time>,
    /// The least time between two scale-ins; up to 2h, 1m by default.
    scale_in_cooldown: Option<Time>,
    /// The largest share of the fleet that one scale-in takes away; 0.01 to 1.
    scale_in_step: Option<f64>,
    /// How often a day, at most, a fleet is tried that is smaller than what is known to keep the objective.
    #[schemars(range(max = 1000))]
    scale_in_trials_per_day: Option<u32>,
    /// The most instances that one scale-out adds; at least 1.
    scale_out_step: Option<u32>,
    /// A minimum above the group's own.
    min: Option<u32>,
    /// A maximum below the group's own.
    max: Option<u32>,
    /// What is announced to come.
    calendar: Option<Vec<Entry>>,
    /// The zones that the group is spread over, if the loss of the largest must be survived.
    #[schemars(range(min = 2, max = 8))]
    zone_headroom: Option<u32>,
    /// What an instance costs an hour; needed by the caps.
    price_per_instance_hour: Option<Dollars>,
    /// The most that the fleet may cost an hour.
    max_per_hour: Option<Dollars>,
    /// The most that the fleet may cost a calendar month, in UTC.
    max_per_month: Option<Dollars>,
}

/// One of them.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Target {
    /// Requests per second per target.
    RequestsPerS(f64),
    /// Mean CPU in percent.
    CpuPercent(f64),
}

/// A time of day on some days, with what is needed or what is expected then.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Entry {
    /// What decisions call it.
    name: Text,
    /// Days of the week; every day without them and without dates.
    days: Option<Vec<Day>>,
    /// Dates such as 2026-12-24.
    dates: Option<Vec<Date>>,
    from: TimeOfDay,
    to: TimeOfDay,
    /// Of these times, such as +01:00; UTC by default.
    utc_offset: Option<Offset>,
    /// The least number of instances.
    min: Option<u32>,
    /// The demand that is expected, in requests per second.
    requests_per_s: Option<f64>,
}

#[derive(JsonSchema)]
#[schemars(inline, rename_all = "lowercase")]
enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

#[derive(JsonSchema)]
#[schemars(inline)]
struct Date(#[schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))] String);

/// From 00:00 to 24:00.
#[derive(JsonSchema)]
#[schemars(inline)]
struct TimeOfDay(#[schemars(regex(pattern = "^[0-9]{2}:[0-9]{2}$"))] String);

#[derive(JsonSchema)]
#[schemars(inline)]
struct Offset(#[schemars(regex(pattern = "^[+-][0-9]{2}:[0-9]{2}$"))] String);

/// US dollars, to six decimals; a text or a number.
#[derive(JsonSchema)]
#[schemars(inline, untagged)]
enum Dollars {
    Text(String),
    Number(f64),
}

/// Text that is not empty.
#[derive(JsonSchema)]
#[schemars(inline)]
struct Text(#[schemars(regex(pattern = r"\S"))] String);

/// A time with its unit, such as "90s" or "1m 30s".
#[derive(JsonSchema)]
#[schemars(inline)]
struct Time(#[schemars(regex(pattern = "^[0-9]+ ?[a-zA-Zµ]"))] String);

/// The end of a target group's ARN, such as targetgroup/web/73e2d6bc24d8a067.
#[derive(JsonSchema)]
struct TargetGroup(#[schemars(regex(pattern = "^targetgroup/[^/]+/[^/]+$"))] String);
