//! What a comparison says, in one sentence and four figures.

use super::Report;
use super::svg::escaped;
use crate::compare::{LIMITS_PERCENT, OneSetting, Story, Tables};
use crate::family::Role;

pub(super) fn of(report: &Report) -> String {
    let Report { plan, outcomes, tables, story, .. } = report;
    let days: f64 =
        plan.traces.iter().map(|trace| trace.requests.len() as f64 * f64::from(trace.bin_s) / 86_400.0).sum();
    let runs = outcomes.len() as u64 * plan.traces.len() as u64 * plan.seeds;
    let fleet_days = days * outcomes.len() as f64 * plan.seeds as f64;
    let mean = &story.hero.mean;
    let cards = [
        card(
            &format!("{:.2} %", mean.violating_minutes_percent),
            &format!("of minutes with a p95 over {} s", plan.plant.objective_s),
        ),
        card(&format!("{:.2} ×", mean.relative_hours), "the oracle's instance-hours"),
        card(
            &format!("{:.2} %", mean.slow_requests_percent),
            &format!("of requests over {} s", plan.plant.objective_s),
        ),
        card(&format!("{:.0}", mean.actions_per_day), "actions a day"),
    ];
    format!(
        "<header><h1>{}</h1><p class=lead>{}, {} of {}, {}, {fleet_days:.0} simulated fleet-days. \
         Below, {} as <code>{}</code>:</p><div class=cards>{}</div></header>",
        escaped(&sentence(tables, story)),
        counted(plan.traces.len() as u64, "trace", "traces"),
        counted(outcomes.len() as u64, "setting", "settings"),
        counted(tables.one_setting.len() as u64, "policy", "policies"),
        counted(runs, "run", "runs"),
        escaped(story.hero.contender.family.title),
        escaped(&story.hero.contender.label()),
        cards.concat()
    )
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

pub(super) fn card(figure: &str, what: &str) -> String {
    format!("<div><b>{figure}</b>{what}</div>")
}

/// The hero against the best of the others at the strictest limit that both reach.
fn sentence(tables: &Tables, story: &Story) -> String {
    let hero = story.hero.contender.family;
    let Some(row) = tables.one_setting.iter().find(|row| row.family.name == hero.name) else {
        return "Scaling policies compared".to_owned();
    };
    let against = |limit: usize| Some((limit, row.hours_at[limit]?, best_other(tables, hero.name, limit)?));
    let Some((limit, hours, (title, others))) = (0..LIMITS_PERCENT.len()).find_map(against) else {
        return format!(
            "{} needs {:.2} times the oracle's hours",
            capitalised(hero.title),
            story.hero.mean.relative_hours
        );
    };
    format!(
        "{} needs {} the best alternative, {title}, with {} % of minutes slow",
        capitalised(hero.title),
        beside(hours / others),
        LIMITS_PERCENT[limit],
    )
}

/// So many times the hours, in words.
fn beside(times: f64) -> String {
    let percent = (100.0 * (times - 1.0)).round();
    if percent == 0.0 {
        return "as many instance-hours as".to_owned();
    }
    let words = if percent < 0.0 { "fewer" } else { "more" };
    format!("{:.0} % {words} instance-hours than", percent.abs())
}

fn best_other(tables: &Tables, hero: &str, limit: usize) -> Option<(&'static str, f64)> {
    let others =
        tables.one_setting.iter().filter(|row| row.family.role == Role::Peer && row.family.name != hero);
    let hours = |row: &OneSetting| Some((row.family.title, row.hours_at[limit]?));
    others.filter_map(hours).min_by(|a, b| a.1.total_cmp(&b.1))
}

pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_that_rounds_to_nothing_is_none() {
        assert_eq!(beside(0.996), "as many instance-hours as");
        assert_eq!(beside(0.7), "30 % fewer instance-hours than");
        assert_eq!(beside(1.049), "5 % more instance-hours than");
    }
}
