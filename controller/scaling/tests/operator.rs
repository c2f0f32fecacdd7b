//! What the operator asks for besides the objective: what is announced, the loss of a zone, money, and how much may be
//! tried.

#![allow(clippy::unwrap_used, reason = "tests")]

mod plant;

use plant::{CAPACITY_PER_S, MIN, Plant, actions, local, policy};
use scaling::{Action, Decision, Dollars, Entry, LimitKind, Policy, Reason, Settings, State};

/// Sized with a fixed margin, the capacity known.
fn known() -> Settings {
    Settings { instance_capacity_per_s: Some(CAPACITY_PER_S), ..local() }
}

fn settled(policy: &Policy, load_per_s: f64) -> (Plant, State) {
    let (mut plant, mut state) = (Plant::new(5, MIN), State::default());
    plant.run(policy, &mut state, 120, |_| load_per_s);
    (plant, state)
}

/// From the third to the fifth minute after the plant's start.
fn announced(min: Option<u32>, requests_per_s: Option<f64>) -> Vec<Entry> {
    vec![Entry {
        name: "market open".to_owned(),
        days: Vec::new(),
        dates: Vec::new(),
        from: "01:03".parse().unwrap(),
        to: "01:05".parse().unwrap(),
        utc_offset: "+01:00".parse().unwrap(),
        min,
        requests_per_s,
    }]
}

#[test]
fn what_is_announced_serves_when_it_begins_and_is_given_up_when_it_is_over() {
    // 98 requests/s at 70 % of 20 are seven instances.
    for (min, requests_per_s, needed) in [(Some(8), None, 8), (None, Some(98.0), 7), (Some(8), Some(98.0), 8)]
    {
        let policy = policy(Settings { calendar: announced(min, requests_per_s), ..known() });
        let (mut plant, mut state) = settled(&policy, 12.0);
        let decisions = plant.run(&policy, &mut state, 64, |_| 12.0);
        let out = actions(&decisions)[0];
        assert_eq!((out.reason, out.desired), (Reason::Calendar, Some(needed)), "{}", out.explain());
        assert!((170.0..=172.0).contains(&out.at), "a boot of 8 s before: {}", out.explain());
        assert!(out.explain().contains("\"market open\" begins in 8 s"), "{}", out.explain());
        let decisions = plant.run(&policy, &mut state, 115, |_| 12.0);
        assert!(actions(&decisions).is_empty() && plant.in_service() == needed);
        assert_eq!(decisions.last().unwrap().reason, Reason::HeldByCalendar);
        plant.run(&policy, &mut state, 200, |_| 12.0);
        assert_eq!(plant.in_service(), MIN);
    }
}

#[test]
fn the_loss_of_a_zone_is_survived() {
    // 86 requests/s need five instances at 90 % of 20, and seven at 70 %.
    for (zones, fleet) in [(None, 7), (Some(2), 10), (Some(3), 8), (Some(6), 7)] {
        let policy = policy(Settings { zone_headroom: zones, ..known() });
        let (plant, _) = settled(&policy, 86.0);
        assert_eq!(plant.in_service(), fleet, "{zones:?} from below");
        let (mut plant, mut state) = (Plant::new(4, fleet + 4), State::default());
        let decisions = plant.run(&policy, &mut state, 200, |_| 86.0);
        assert_eq!(plant.in_service(), fleet, "{zones:?} from above");
        let reason = if fleet > 7 { Reason::HeldByZoneHeadroom } else { Reason::FitsDemand };
        assert_eq!(decisions.last().unwrap().reason, reason);
    }
}

fn dollars(text: &str) -> Dollars {
    text.parse().unwrap()
}

#[test]
fn a_cap_in_dollars_binds_by_name_and_what_is_above_it_is_given_up() {
    let free = Settings { price_per_instance_hour: Some(dollars("0.10")), ..known() };
    let unbound = policy(free.clone());
    let capped = policy(Settings { max_per_hour: Some(dollars("0.55")), ..free });
    let (mut plant, mut state) = settled(&unbound, 150.0);
    assert!(plant.in_service() > 9);
    let decisions = plant.run(&capped, &mut state, 120, |_| 150.0);
    let ins = actions(&decisions);
    assert_eq!((ins[0].reason, ins[0].desired), (Reason::AboveBudget, Some(5)), "{}", ins[0].explain());
    let held = decisions.last().unwrap();
    assert_eq!((held.action, held.reason, held.desired), (Action::Hold, Reason::AtBudget, Some(5)));
    assert_eq!((held.limits[0].kind, held.limits[0].allowed), (LimitKind::HourlyBudget, 5));
    // Some ten instances for two minutes, and five for two more.
    let spent = held.inputs.month_to_date.unwrap();
    assert!(spent > dollars("0.03") && spent < dollars("0.06"), "{spent}");
}

/// Half an hour of 70 requests/s on eight instances of which four would do, where nothing tells what one serves.
fn tried(scale_in_trials_per_day: u32) -> (Plant, Vec<Decision>) {
    let policy = policy(Settings { scale_in_trials_per_day, ..local() });
    let (mut plant, mut state) = (Plant::new(5, 8), State::default());
    plant.cpu = false;
    let decisions = plant.run(&policy, &mut state, 1_800, |_| 70.0);
    (plant, decisions)
}

#[test]
fn what_is_not_known_is_tried_step_by_step_and_undone_at_once() {
    let (plant, decisions) = tried(24);
    let steps: Vec<_> = actions(&decisions).iter().map(|d| (d.reason, d.desired.unwrap())).collect();
    let trial = |to| (Reason::ScaleInTrial, to);
    assert_eq!(steps[..5], [trial(7), trial(6), trial(5), trial(4), trial(3)]);
    assert_eq!(steps[5], (Reason::TrialUndone, 4), "{steps:?}");
    assert!(plant.slow_s <= 20 && plant.in_service() >= 4, "slow for {} s", plant.slow_s);
    assert!(steps[6..].iter().all(|(_, to)| *to >= 4), "three are known to be too few: {steps:?}");
}

#[test]
fn no_more_is_tried_than_is_allowed() {
    for (per_day, left) in [(0, 8), (2, 6)] {
        let (plant, decisions) = tried(per_day);
        assert_eq!(plant.in_service(), left);
        let held = decisions.last().unwrap();
        assert_eq!(held.reason, Reason::AwaitingTrial, "{}", held.explain());
        assert!(held.holds_for_s.is_some_and(|s| s > 80_000.0));
    }
}
