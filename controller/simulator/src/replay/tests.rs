//! A history that a known fleet made, replayed.

use super::*;
use crate::compare::{Story, Tables};
use crate::family::Setting;
use crate::fleet::Bill;
use crate::history::Minute;
use crate::learn::learn;
use crate::report::{self, Report};
use crate::simulation::simulate;
use crate::trace::Trace;

/// A day with a rhythm and two spikes on the standard plant under `policy`, as its metrics would tell it.
fn lived(policy: &str) -> (History, Run, f64) {
    let per_min = |minute: u32| {
        let rhythm = 3000.0 - 2500.0 * (f64::from(minute) / 1440.0 * std::f64::consts::TAU).cos();
        (rhythm + if minute % 700 > 670 { 2500.0 } else { 0.0 }) as u64
    };
    let trace = Trace { name: "web".to_owned(), bin_s: 60, requests: (0..1440).map(per_min).collect() };
    let (plant, workload) = (Plant::default(), Workload::recorded(&trace, 3));
    let oracle = Oracle::of(&plant, &workload);
    let setting = Setting { plant: &plant, oracle: &oracle, curve_given: false };
    let mut policy = Contender::parse(policy).unwrap().build(&setting).unwrap();
    let run = simulate(&plant, &workload, &mut crate::engine::Fluid::new(&plant), policy.as_mut());
    let minutes = run.minutes.iter().map(|minute| Minute {
        requests: minute.arrived,
        // The p95 whose exponential tail has this share over the objective.
        latency_p95_s: Some(3.0 * 0.05f64.ln() / (minute.slow / minute.arrived).max(1e-9).ln().min(-0.01)),
        cpu_percent: Some((100.0 * minute.arrived / 60.0 / (20.0 * minute.serving)).min(100.0)),
        in_service: minute.serving,
    });
    let minutes = minutes.collect();
    let history =
        History { group: "web".to_owned(), bounds: 2..=40, boots_s: Vec::new(), minutes, imputed: 0 };
    let measures = Measures::of(&oracle, &run);
    (history, run, measures.violating_minutes_percent)
}

fn replay(history: &History) -> Replay {
    let learned = learn(history, 3.0, Some(20.0)).unwrap();
    Replay::of(history, learned, "0.1".parse().unwrap())
}

#[test]
fn what_really_happened_is_judged_as_it_was() {
    let (history, run, violating_percent) = lived("target-tracking=0.75");
    assert!(violating_percent > 1.0, "a day without violations proves nothing");
    let replay = replay(&history);
    let happened = &replay.happened.mean;
    assert!((happened.violating_minutes_percent - violating_percent).abs() < 1e-9);
    assert!(
        (happened.instance_hours * 3600.0 / run.bill.instance_s - 1.0).abs() < 0.03,
        "{}",
        happened.instance_hours
    );
}

#[test]
fn the_learned_plant_believes_what_was_measured() {
    let (history, _, violating_percent) = lived("target-tracking=0.75");
    let replay = replay(&history);
    let off = replay.believed_violations_percent - violating_percent;
    assert!(off.abs() < 0.5, "{off} points off");
}

#[test]
fn rows_say_what_each_policy_would_have_saved() {
    let (history, ..) = lived("static=12");
    let replay = replay(&history);
    let contenders = vec![Contender::parse("static=6").unwrap(), Contender::parse("static=12").unwrap()];
    let plan = Replay::plan(&history, replay.learned.plant.clone(), Kind::Fluid, 1, contenders);
    let outcomes = plan.run(|| ()).unwrap();
    let (six, twelve) = (replay.row(&outcomes[0]), replay.row(&outcomes[1]));
    assert_eq!(
        replay.rows(&outcomes).iter().map(|row| row.label.as_str()).collect::<Vec<_>>(),
        ["history", "static=6"]
    );
    // Six instances less in all the 720 hours of a month, but for the minutes that it takes to get rid of them.
    // The run begins with the fleet that its first minutes need, and so with other boots than the history.
    assert_eq!(twelve.cost_a_month.to_string(), "$864");
    let dollar = "1".parse::<Price>().unwrap().of(3600.0);
    assert!(twelve.saved_a_month < dollar, "{}", twelve.saved_a_month);
    assert!(
        six.saved_a_month > "0.1".parse::<Price>().unwrap().of(3600.0 * 6.0 * 715.0),
        "{}",
        six.saved_a_month
    );
    assert!(six.slow_minutes > twelve.slow_minutes);
}

#[test]
fn the_page_and_its_charts_show_what_happened_beside_what_would_have() {
    let (history, ..) = lived("target-tracking=0.75");
    let replay = replay(&history);
    let contenders = ["ours=0.5", "hpa=0.6", "static=12"].map(|text| Contender::parse(text).unwrap());
    let plan = Replay::plan(&history, replay.learned.plant.clone(), Kind::Fluid, 1, contenders.to_vec());
    let outcomes = plan.run(|| ()).unwrap();
    let tables = Tables::of(&[outcomes.as_slice(), std::slice::from_ref(&replay.happened)].concat());
    let story = Story::against(&plan, &outcomes, &tables, &replay.happened, &replay.run).unwrap().unwrap();
    let report =
        Report { plan: &plan, outcomes: &outcomes, tables: &tables, story: &story, replay: Some(&replay) };
    let page = report::page(&report, &[]);
    let row = replay.row(&outcomes[0]);
    let happened = replay.row(&replay.happened);
    assert!(page.contains(&format!("{} a month instead of {}", row.cost_a_month, happened.cost_a_month)));
    let charts = report::charts(&report);
    assert_eq!(charts.iter().map(|chart| chart.name.as_str()).collect::<Vec<_>>(), ["front.svg", "web.svg"]);
    assert!(charts[1].svg.contains("what really happened") && !page.contains("NaN"));
}

#[test]
fn boots_and_draining_are_billed_as_the_plants_are() {
    let minute = |in_service| Minute { requests: 60.0, latency_p95_s: None, cpu_percent: None, in_service };
    let minutes = [2.0, 2.0, 3.0, 3.0, 2.0].map(minute).to_vec();
    let history =
        History { group: "web".to_owned(), bounds: 2..=9, boots_s: Vec::new(), minutes, imputed: 0 };
    let plant = Plant::default();
    let expected_s = 12.0 * 60.0 + plant.boot.mean_s() + plant.drain_s;
    let run = record::run(&history, &plant);
    assert_eq!((run.bill, run.actions), (Bill { instance_s: expected_s, standby_s: 0.0 }, 2));
}
