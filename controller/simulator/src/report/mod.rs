//! A comparison as one page that needs nothing else: no script, no font, no server.

mod curve;
mod files;
mod fleets;
mod fronts;
mod headline;
mod json;
mod method;
mod money;
mod svg;
mod tables;

use crate::compare::{Outcome, Plan, Story, Tables};
use crate::replay::Replay;
use fleets::View;
use svg::escaped;

pub use files::{Chart, charts};
pub use json::json;

const STYLE: &str = include_str!("style.css");

/// Everything that was found.
#[derive(Clone, Copy)]
pub struct Report<'a> {
    /// What was compared.
    pub plan: &'a Plan,
    /// Each policy's figures.
    pub outcomes: &'a [Outcome],
    /// What they come down to.
    pub tables: &'a Tables,
    /// What to show of them.
    pub story: &'a Story<'a>,
    /// What really happened, where the load is a live group's history.
    pub replay: Option<&'a Replay>,
}

/// The page; `variants` are the names of what differs from the standard world.
pub fn page(report: &Report, variants: &[String]) -> String {
    let sections = match report.replay {
        None => comparison(report),
        Some(replay) => replayed(report, replay),
    };
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <meta name=color-scheme content=\"light dark\"><title>Scaling policies compared</title>\
         <style>{STYLE}</style><main>{}{}</main></html>\n",
        sections.concat(),
        method::of(report.plan, variants)
    )
}

fn comparison(report: &Report) -> Vec<String> {
    vec![
        headline::of(report),
        same_violations(report),
        trade_off(report),
        scenes(report),
        figures(report),
        section(
            "Tuned to each trace with hindsight",
            "Hours / oracle at 0.5 % / 1 % violating minutes if the parameter had been chosen for each trace after the \
             fact. Nobody can; it shows what a policy's form costs, without its setting.",
            &tables::hindsight(report.plan, report.tables, report.story.hero.contender.family.name),
        ),
    ]
}

fn replayed(report: &Report, replay: &Replay) -> Vec<String> {
    vec![
        money::headline(report, replay),
        section(
            "In minutes and in dollars",
            "Each policy as it is usually set, on the load that there was.",
            &money::table(report, replay),
        ),
        scenes(report),
        section("What the history says of an instance", "", &curve::section(replay)),
        same_violations(report),
        trade_off(report),
        figures(report),
    ]
}

fn same_violations(report: &Report) -> String {
    section(
        "At the same share of slow minutes",
        "Instance-hours in units of an oracle's that knows every arrival. A policy has one setting for all traces, as \
         an operator would have. Fewer is better.",
        &tables::one_setting(report.tables, report.story.hero.contender.family.name),
    )
}

fn trade_off(report: &Report) -> String {
    let hero = report.story.hero.contender.family.name;
    let rival = report.story.rival.map(|rival| rival.contender.family.name);
    section(
        "The whole trade-off",
        "Each policy with each value of its parameters; only those that none of its own beats. Lower and further left \
         is better.",
        &fronts::chart(report.tables, hero, rival),
    )
}

fn section(title: &str, lead: &str, content: &str) -> String {
    format!("<section><h2>{}</h2><p>{}</p>{content}</section>", escaped(title), escaped(lead))
}

fn scenes(report: &Report) -> String {
    let Report { plan, story, .. } = report;
    let hero = story.hero.contender.family.title;
    let rival = story.rival.map(|rival| rival.contender.family.title);
    let key = |class, text: &str| format!("<span class=\"key {class}\">{}</span>", escaped(text));
    let keys = [
        key("demand", "needed"),
        key("hero", hero),
        rival.map(|title| key("rival", title)).unwrap_or_default(),
    ];
    let charts = plan.traces.iter().zip(&story.scenes).map(|(trace, scene)| {
        let name = escaped(&trace.name);
        let whole = View::whole(scene).chart(&format!("{name}: instances over time"), hero, rival);
        let day = View::busiest_day(scene).chart(&format!("{name}: its busiest day"), hero, rival);
        format!("<figure><figcaption>{name}</figcaption>{whole}</figure><figure><figcaption>its busiest day</figcaption>{day}</figure>")
    });
    let charts = charts.collect::<Vec<_>>().concat();
    section(
        "Fleet against demand",
        &format!(
            "Instances that served, over what the load needed. Below: minutes whose p95 was over {} s, and how many.",
            plan.plant.objective_s
        ),
        &format!("{}<div class=scenes>{charts}</div>", keys.concat()),
    )
}

fn figures(report: &Report) -> String {
    let Report { plan, story, .. } = report;
    let rival = story.rival.map(|rival| tables::measures(plan, rival, "rival")).unwrap_or_default();
    section("Every figure", "", &(tables::measures(plan, story.hero, "hero") + &rival))
}
