//! A comparison's tables for a terminal.

use std::fmt::Write;

use simulator::compare::{Outcome, Plan, Tables};
use simulator::measures::telling;

pub fn render(plan: &Plan, outcomes: &[Outcome], tables: &Tables) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = one_setting(&mut text, tables);
    let _ = hindsight(&mut text, plan, tables);
    if outcomes.len() <= 12 {
        let _ = each(&mut text, plan, outcomes);
    }
    text
}

fn one_setting(text: &mut String, tables: &Tables) -> std::fmt::Result {
    writeln!(text, "One setting for all traces: mean hours / oracle at mean violating minutes of")?;
    writeln!(text, "{:<22}{:>8}{:>8}{:>8}", "", "0.5 %", "1 %", "2 %")?;
    for row in &tables.one_setting {
        let hours = row.hours_at.map(|hours| format!("{:>8}", figure(hours))).concat();
        writeln!(text, "{:<22}{hours}", row.family.name)?;
    }
    Ok(())
}

fn hindsight(text: &mut String, plan: &Plan, tables: &Tables) -> std::fmt::Result {
    writeln!(text, "\nTuned per trace with hindsight: hours / oracle at 0.5 % / 1 % violating minutes")?;
    let names = plan.traces.iter().map(|trace| format!("{:>14.13}", trace.name));
    writeln!(text, "{:<22}{}", "", names.collect::<Vec<_>>().concat())?;
    for row in &tables.hindsight {
        let cell = |hours: &[Option<f64>; 3]| {
            format!("{:>14}", format!("{}/{}", figure(hours[0]), figure(hours[1])))
        };
        writeln!(
            text,
            "{:<22}{}",
            row.family.name,
            row.hours_at.iter().map(cell).collect::<Vec<_>>().concat()
        )?;
    }
    Ok(())
}

fn each(text: &mut String, plan: &Plan, outcomes: &[Outcome]) -> std::fmt::Result {
    let columns = telling(outcomes.iter().flat_map(|outcome| &outcome.traces));
    let heads = columns.iter().map(|column| format!("{:>9}", column.short));
    let heads = heads.collect::<Vec<_>>().concat();
    for outcome in outcomes {
        writeln!(text, "\n{:<22}{heads}", outcome.contender.label())?;
        let names = plan.traces.iter().map(|trace| trace.name.as_str()).chain(["mean"]);
        for (name, measures) in names.zip(outcome.traces.iter().chain([&outcome.mean])) {
            let figures = columns.iter().map(|column| format!("{:>9}", column.text(measures)));
            writeln!(text, "{name:<22}{}", figures.collect::<Vec<_>>().concat())?;
        }
    }
    Ok(())
}

fn figure(hours: Option<f64>) -> String {
    hours.map_or("-".to_owned(), |hours| format!("{hours:.2}"))
}
