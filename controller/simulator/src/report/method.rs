//! How it was measured, from the parameters that it was measured with.

use super::svg::escaped;
use crate::compare::{Plan, Scale};
use crate::plant::Routing;

pub(super) fn of(plan: &Plan, variants: &[String]) -> String {
    let plant = &plan.plant;
    let variants = if variants.is_empty() { "the standard one".to_owned() } else { variants.join(", ") };
    let warm_pool = plant.warm_pool.map(|pool| {
        format!(
            "A warm pool prepares {} instances that boot in {:.0} s (median); one that stands by is billed as {:.1} % \
             of one that runs.",
            pool.prepared,
            pool.boot.median_s,
            100.0 * pool.standby_share
        )
    });
    let seeds = if plan.seeds == 1 { "one".to_owned() } else { format!("1 to {}", plan.seeds) };
    let routing = match plant.routing {
        Routing::Random => "to any instance with equal chance",
        Routing::RoundRobin => "to each instance in turn",
        Routing::LeastOutstanding => "to the instance with the fewest requests outstanding",
    };
    let items = [
        Some(format!("The world: {variants}. Engine: {}. Seeds: {seeds}.", plan.engine.name())),
        Some(format!(
            "An instance serves {} requests at once, each for {} s on average (coefficient of variation {}): {:.0} a \
             second at most. Requests go {routing}.",
            plant.slots, plant.service_s, plant.service_cv, plant.capacity_per_s()
        )),
        Some(match plan.scale {
            Scale::Shape => "Each trace is scaled so that its 99.5th percentile minute needs 16 instances at 70 % \
                utilisation."
                .to_owned(),
            Scale::Requests => "The requests are those that were counted, spread evenly over each minute.".to_owned(),
        }),
        Some(format!("Groups have {} to {} instances.", plant.bounds.start(), plant.bounds.end())),
        Some(format!(
            "A launch serves after {:.0} s in the median, {:.0} s at the 90th percentile, and is billed at once; one that \
             leaves is billed {:.0} s more.",
            plant.boot.median_s, plant.boot.p90_s, plant.drain_s
        )),
        warm_pool,
        Some(format!(
            "Metrics have periods of {:.0} s and are seen {:.0} s after a period's end.",
            plant.metrics.period_s, plant.metrics.delay_s
        )),
        Some(
            "The oracle knows every arrival, launches exactly in time, and keeps an instance in a gap that is shorter \
             than draining it and booting another. The first, unlearned day counts for everyone."
                .to_owned(),
        ),
        Some(
            "Hours at a share of violating minutes are read off a policy's front, on the straight line between the two \
             neighbouring settings. θ: instances missing (U) and in excess (O) in % of what was needed; τ: % of minutes \
             with too few and with too many."
                .to_owned(),
        ),
    ];
    let list = items.into_iter().flatten().map(|item| format!("<li>{}", escaped(&item)));
    format!("<section><h2>How it was measured</h2><ul>{}</ul></section>", list.collect::<Vec<_>>().concat())
}
