//! A comparison as one page that needs nothing else: no script, no font, no server.

mod fleets;
mod fronts;
mod headline;
mod method;
mod svg;
mod tables;

use crate::compare::{Outcome, Plan, Story, Tables};
use svg::escaped;

const STYLE: &str = include_str!("style.css");

/// The page of a comparison; `variants` are the names of what differs from the standard world.
pub fn page(
    plan: &Plan,
    outcomes: &[Outcome],
    tables: &Tables,
    story: &Story,
    variants: &[String],
) -> String {
    let hero = story.hero.contender.family.name;
    let rival = story.rival.map(|rival| rival.contender.family.name);
    let sections = [
        headline::of(plan, outcomes, tables, story),
        section(
            "One setting for all traces",
            "Instance-hours in units of an oracle's that knows every arrival, at the same share of violating minutes. \
             A policy has one setting for all traces, as an operator would have. Fewer is better.",
            &tables::one_setting(tables, hero),
        ),
        section(
            "The whole trade-off",
            "Each policy with each value of its parameters; only those that none of its own beats. Lower and further \
             left is better.",
            &fronts::chart(tables, hero, rival),
        ),
        section(
            "Fleet against demand",
            "Instances that served, over what the load needed. Below: minutes whose p95 was over 3 s, and how many.",
            &scenes(plan, story),
        ),
        section("Every figure", "", &figures(plan, story)),
        section(
            "Tuned to each trace with hindsight",
            "Hours / oracle at 0.5 % / 1 % violating minutes if the parameter had been chosen for each trace after the \
             fact. Nobody can; it shows what a policy's form costs, without its setting.",
            &tables::hindsight(plan, tables, hero),
        ),
        method::of(plan, variants),
    ];
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <meta name=color-scheme content=\"light dark\"><title>Scaling policies compared</title>\
         <style>{STYLE}</style><main>{}</main></html>\n",
        sections.concat()
    )
}

fn section(title: &str, lead: &str, content: &str) -> String {
    format!("<section><h2>{}</h2><p>{}</p>{content}</section>", escaped(title), escaped(lead))
}

fn scenes(plan: &Plan, story: &Story) -> String {
    let hero = story.hero.contender.family.title;
    let rival = story.rival.map(|rival| rival.contender.family.title);
    let key = |class, text: &str| format!("<span class=\"key {class}\">{}</span>", escaped(text));
    let keys = [
        key("demand", "needed"),
        key("hero", hero),
        rival.map(|title| key("rival", title)).unwrap_or_default(),
    ];
    let charts = plan.traces.iter().zip(&story.scenes).map(|(trace, scene)| {
        let chart = fleets::chart(&trace.name, scene, hero, rival);
        format!("<figure><figcaption>{}</figcaption>{chart}</figure>", escaped(&trace.name))
    });
    keys.concat() + &charts.collect::<Vec<_>>().concat()
}

fn figures(plan: &Plan, story: &Story) -> String {
    let rival = story.rival.map(|rival| tables::measures(plan, rival, "rival")).unwrap_or_default();
    tables::measures(plan, story.hero, "hero") + &rival
}
