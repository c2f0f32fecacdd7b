//! From the tree to the [`Config`].

use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tracing::Level;

use super::environment::{self, Variables};
use super::group;
use super::problem::Problem;
use super::section::Section;
use super::tree;
use super::values::{duration, text};
use super::{Config, Group, Log, LogFormat, Timing};
use crate::journal::Location;

const DAY: Duration = Duration::from_hours(24);
const HOUR: Duration = Duration::from_hours(1);
const SECOND: Duration = Duration::from_secs(1);

pub(super) fn config(file: &str, variables: &Variables) -> Result<Config, Vec<Problem>> {
    let mut root = tree::parse(file).map_err(|problem| vec![problem])?;
    let problems = RefCell::new(environment::apply(&mut root, variables));
    let config = root_section(Section::new(&root, String::new(), &problems));
    let mut problems = problems.into_inner();
    problems.sort_by_key(|problem| match problem.origin {
        tree::Origin::File => (0, 0),
        tree::Origin::Line(line) => (1, line),
        tree::Origin::Variable(_) => (2, 0),
    });
    config.filter(|_| problems.is_empty()).ok_or(problems)
}

fn root_section(mut root: Section) -> Option<Config> {
    let tick = root.duration("tick", SECOND, HOUR).unwrap_or(10 * SECOND);
    let listen = root
        .take("listen", "an address and port, such as \"127.0.0.1:9464\"", |value| text(value)?.parse().ok());
    let journal = root.take("journal", "a file's path, or the URL of a PostgreSQL database", text);
    let retention = root.duration("retention", HOUR, 3_650 * DAY).unwrap_or(14 * DAY);
    let heartbeat = root.take("heartbeat", NAMESPACE, |value| text(value).filter(|name| is_namespace(name)));
    let log = log(root.section("log"));
    let aws = connection(root.section("aws"));
    let metrics = timing(root.section("metrics"));
    let least_max_age_s = f64::from(metrics.period_s + metrics.publish_delay_s) + tick.as_secs_f64();
    let sections = root.sections("group");
    if sections.is_empty() {
        root.report("no group is configured; at least one [[group]] is needed".to_owned());
    }
    let groups: Vec<Option<Group>> =
        sections.into_iter().map(|section| group::group(section, least_max_age_s)).collect();
    group::refuse_duplicates(&root, &groups);
    root.finish();
    Some(Config {
        tick,
        listen: listen.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 9464))),
        journal: Location::new(journal.as_deref().unwrap_or("controller.journal")),
        retention,
        log,
        aws,
        metrics,
        heartbeat,
        groups: groups.into_iter().collect::<Option<_>>()?,
    })
}

fn log(section: Option<Section>) -> Log {
    let default = Log { format: LogFormat::Human, level: Level::INFO };
    let Some(mut section) = section else { return default };
    let format = section.choice("format", &[("human", LogFormat::Human), ("json", LogFormat::Json)]);
    let levels = [
        ("error", Level::ERROR),
        ("warn", Level::WARN),
        ("info", Level::INFO),
        ("debug", Level::DEBUG),
        ("trace", Level::TRACE),
    ];
    let level = section.choice("level", &levels);
    section.finish();
    Log { format: format.unwrap_or(default.format), level: level.unwrap_or(default.level) }
}

fn connection(section: Option<Section>) -> aws::Connection {
    let default = aws::Connection { region: None, endpoint_url: None, call_timeout: 5 * SECOND };
    let Some(mut section) = section else { return default };
    let url = "a URL, such as \"http://127.0.0.1:4566\"";
    let connection = aws::Connection {
        region: section.take("region", "a region, such as \"eu-west-3\"", text),
        endpoint_url: section.take("endpoint_url", url, |value| {
            text(value).filter(|text| text.starts_with("http://") || text.starts_with("https://"))
        }),
        call_timeout: section
            .duration("call_timeout", SECOND / 10, 60 * SECOND)
            .unwrap_or(default.call_timeout),
    };
    section.finish();
    connection
}

fn timing(section: Option<Section>) -> Timing {
    let default = Timing { period_s: 60, publish_delay_s: 60 };
    let Some(mut section) = section else { return default };
    let allowed = "\"1s\", \"5s\", \"10s\", \"30s\" or whole minutes up to \"1h\"";
    let period_s = section.take("period", allowed, |value| {
        whole_seconds(duration(value)?)
            .filter(|s| matches!(s, 1 | 5 | 10 | 30) || (s % 60 == 0 && is_period(*s)))
    });
    let publish_delay_s = section.take("publish_delay", "whole seconds up to \"1h\"", |value| {
        whole_seconds(duration(value)?).filter(|s| *s <= 3_600)
    });
    section.finish();
    Timing {
        period_s: period_s.unwrap_or(default.period_s),
        publish_delay_s: publish_delay_s.unwrap_or(default.publish_delay_s),
    }
}

const NAMESPACE: &str =
    "a CloudWatch namespace of your own, such as \"ExStrat/Controller\": letters, digits and . - _ / # :";

/// AWS keeps those that begin with its name to itself.
fn is_namespace(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || ".-_/#: ".contains(c);
    name.len() <= 255 && !name.starts_with("AWS/") && !name.starts_with(':') && name.chars().all(is_allowed)
}

fn is_period(seconds: u32) -> bool {
    (60..=3_600).contains(&seconds)
}

fn whole_seconds(duration: Duration) -> Option<u32> {
    u32::try_from(duration.as_secs()).ok().filter(|_| duration.subsec_nanos() == 0)
}
