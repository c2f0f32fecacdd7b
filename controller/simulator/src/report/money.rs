//! A replay in minutes and in dollars.

use super::Report;
use super::headline::{capitalised, card};
use super::svg::escaped;
use crate::family::Role;
use crate::replay::{Replay, Row};

/// What this controller would have made of the group's history.
pub(super) fn headline(report: &Report, replay: &Replay) -> String {
    let (hero, happened) = (replay.row(report.story.hero), replay.row(&replay.happened));
    let minutes = format!("{:.0}", hero.slow_minutes);
    let cards = [
        card(&hero.cost_a_month.to_string(), &format!("a month, instead of {}", happened.cost_a_month)),
        card(&minutes, &format!("slow minutes, instead of {:.0}", happened.slow_minutes)),
        card(
            &format!("{:.0}", hero.instance_hours),
            &format!("hours, instead of {:.0}", happened.instance_hours),
        ),
        card(&replay.price.to_string(), "an instance-hour"),
    ];
    format!(
        "<header><h1>{}</h1><p class=lead>{:.1} days of the group <b>{}</b>, as CloudWatch remembers them, and below \
         them <code>{}</code>.</p><div class=cards>{}</div></header>",
        escaped(&sentence(&hero, &happened, report.plan.plant.objective_s)),
        replay.days,
        escaped(&report.plan.traces[0].name),
        escaped(&hero.label),
        cards.concat()
    )
}

fn sentence(hero: &Row, happened: &Row, objective_s: f64) -> String {
    format!(
        "{} would have cost {} a month instead of {}, with {:.0} minutes over {objective_s} s instead of {:.0}",
        capitalised(hero.title),
        hero.cost_a_month,
        happened.cost_a_month,
        hero.slow_minutes,
        happened.slow_minutes,
    )
}

/// Every policy beside what really happened.
pub(super) fn table(report: &Report, replay: &Replay) -> String {
    let rows = replay.rows(report.outcomes);
    let rows = rows.iter().map(row).collect::<Vec<_>>().concat();
    format!(
        "<table><thead><tr><th>policy<th>set to<th>slow minutes<th>slow requests<th>instance-hours<th>cost<th>a \
         month<th>saved a month<tbody>{rows}</table><p class=note>At {} an instance-hour. Slow requests of what really \
         happened are estimated from its p95.</p>",
        replay.price
    )
}

fn row(row: &Row) -> String {
    let class = match row.role {
        Role::Ours => "hero",
        Role::Record => "rival",
        Role::Peer | Role::Bound => "",
    };
    format!(
        "<tr class=\"{class}\"><th>{}<td><code>{}</code><td>{:.0}<td>{:.2} %<td>{:.0}<td>{}<td>{}<td>{}",
        escaped(row.title),
        escaped(&row.label),
        row.slow_minutes,
        row.slow_requests_percent,
        row.instance_hours,
        row.cost,
        row.cost_a_month,
        row.saved_a_month,
    )
}
