//! `[group.policy]`: the scaling core's settings, with times as people write them.

use scaling::{Pause, Policy, PolicyError, Settings, Strategy, Target};

use super::calendar;
use super::section::Section;
use super::values::{count, dollars, duration, number};

/// The keys that are times, with the settings that they are, in seconds.
const TIMES: [(&str, &str); 5] = [
    ("objective_p95", "objective_p95_s"),
    ("boot", "boot_s"),
    ("max_age", "max_age_s"),
    ("stabilization_window", "stabilization_window_s"),
    ("scale_in_cooldown", "scale_in_cooldown_s"),
];

/// The policy of `group`; without the table, the defaults.
pub(super) fn policy(section: Option<Section>, group: &Section, least_max_age_s: f64) -> Option<Policy> {
    let Some(mut section) = section else { return defaults(group, least_max_age_s) };
    let settings = settings(&mut section);
    let policy = match Policy::try_from(settings) {
        Ok(policy) if policy.max_age_s < least_max_age_s => {
            section.refuse_key(
                "max_age",
                &format!(
                    "at least {least_max_age_s}s (period + publish_delay + tick), \
                     or a reading is stale before the next one arrives"
                ),
            );
            None
        }
        Ok(policy) => Some(policy),
        Err(error) => {
            refuse(&section, &error);
            None
        }
    };
    section.finish();
    policy
}

fn defaults(group: &Section, least_max_age_s: f64) -> Option<Policy> {
    let policy = Policy::try_from(Settings::default()).ok()?;
    if policy.max_age_s < least_max_age_s {
        let default_s = policy.max_age_s;
        group.report(format!(
            "`{}` is {default_s}s unless it is set; allowed: at least {least_max_age_s}s (period + publish_delay + tick)",
            group.full("policy.max_age")
        ));
        return None;
    }
    Some(policy)
}

fn settings(section: &mut Section) -> Settings {
    let default = Settings::default();
    let mut time = |key| {
        let allowed = "a time such as \"90s\" or \"10m\"";
        section.take(key, allowed, duration).map(|d| d.as_secs_f64())
    };
    let stabilization_window_s = time("stabilization_window");
    let mut seconds = |key, otherwise: f64| time(key).unwrap_or(otherwise);
    let objective_p95_s = seconds("objective_p95", default.objective_p95_s);
    let boot_s = seconds("boot", default.boot_s);
    let max_age_s = seconds("max_age", default.max_age_s);
    let scale_in_cooldown_s = seconds("scale_in_cooldown", default.scale_in_cooldown_s);
    Settings {
        strategy: section.choice("strategy", &STRATEGIES).unwrap_or(default.strategy),
        target: section.section("target").and_then(target),
        pause: section
            .choice("pause", &[("none", Pause::None), ("scale-in", Pause::ScaleIn), ("all", Pause::All)])
            .unwrap_or(default.pause),
        objective_p95_s,
        error_budget: section.take("error_budget", "a share", number).unwrap_or(default.error_budget),
        slow_minute_price: section.take("slow_minute_price", "instance-minutes", number),
        utilisation: section.take("utilisation", "a share", number).unwrap_or(default.utilisation),
        instance_capacity_per_s: section.take("instance_capacity_per_s", "requests per second", number),
        boot_s,
        max_age_s,
        stabilization_window_s,
        scale_in_cooldown_s,
        scale_in_step: section.take("scale_in_step", "a share", number),
        scale_in_trials_per_day: section
            .take("scale_in_trials_per_day", "a number of trials", count)
            .unwrap_or(default.scale_in_trials_per_day),
        scale_out_step: section.take("scale_out_step", INSTANCES, count),
        min: section.take("min", INSTANCES, count),
        max: section.take("max", INSTANCES, count),
        calendar: section.sections("calendar").into_iter().filter_map(calendar::entry).collect(),
        zone_headroom: section.take("zone_headroom", "a number of zones", count),
        price_per_instance_hour: section.take("price_per_instance_hour", DOLLARS, dollars),
        max_per_hour: section.take("max_per_hour", DOLLARS, dollars),
        max_per_month: section.take("max_per_month", DOLLARS, dollars),
    }
}

/// One of the metrics that target tracking can keep where it is.
fn target(mut section: Section) -> Option<Target> {
    let requests_per_s = section.take("requests_per_s", "requests per second per target", number);
    let cpu_percent = section.take("cpu_percent", "percent", number);
    let target = match (requests_per_s, cpu_percent) {
        (Some(per_s), None) => Some(Target::RequestsPerS(per_s)),
        (None, Some(percent)) => Some(Target::CpuPercent(percent)),
        _ => {
            let path = section.path();
            section
                .report(format!("`{path}` has to name one metric; allowed: requests_per_s or cpu_percent"));
            None
        }
    };
    section.finish();
    target
}

/// The strategies by their names in the file.
const STRATEGIES: [(&str, Strategy); 4] = [
    ("forecast", Strategy::Forecast),
    ("feed-forward", Strategy::FeedForward),
    ("rules", Strategy::Rules),
    ("target-tracking", Strategy::TargetTracking),
];

const INSTANCES: &str = "a number of instances";
const DOLLARS: &str = "an amount in $ such as 0.0416, to six decimals";

/// Says the core's refusal in the file's own terms.
fn refuse(section: &Section, error: &PolicyError) {
    match TIMES.iter().find(|(_, setting)| *setting == error.field) {
        Some((key, _)) => section.refuse_key(key, &format!("{} seconds", error.allowed)),
        None => section.refuse_key(error.field, &error.allowed),
    }
}
