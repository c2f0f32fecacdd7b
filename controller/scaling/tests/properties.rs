//! What must hold whatever happens.

#![allow(clippy::unwrap_used, reason = "tests")]

mod experience;
mod plant;

use experience::{by_risk, experienced};
use plant::{MAX, MIN, Plant, actions, local, policy};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use scaling::{
    Action, Datapoint, Fleet, Observation, Pause, Reason, Settings, State, Strategy as Scaling, Target,
    decide,
};

/// Numbers as a broken sensor would send them.
fn any_value() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        4 => (0.0..500.0).prop_map(Some),
        2 => Just(None),
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(-1.0), Just(1e300), Just(0.0)].prop_map(Some),
    ]
}

fn any_datapoint(now: f64) -> impl Strategy<Value = Datapoint> {
    let values = prop::array::uniform8(any_value());
    (-400.0..20.0, prop_oneof![Just(1.0), Just(5.0), Just(60.0), Just(0.0)], values).prop_map(
        move |(
            ago,
            period_s,
            [requests, objective_requests, latency, samples, failed, cpu, in_service, healthy],
        )| Datapoint {
            at: now + ago,
            period_s,
            requests_per_s: requests,
            objective_requests_per_s: objective_requests,
            latency_p95_s: latency,
            samples,
            failed_per_s: failed,
            cpu_percent: cpu,
            in_service,
            healthy,
        },
    )
}

fn any_fleet() -> impl Strategy<Value = Fleet> {
    (0u32..30, 0u32..30, 0u32..10, 0u32..25, 0u32..10).prop_map(
        |(desired, in_service, pending, min, more)| Fleet {
            desired: desired.clamp(min, min + more),
            in_service,
            pending,
            min,
            max: min + more,
            boots_s: vec![f64::from(pending)],
        },
    )
}

fn any_observation(at: f64) -> impl Strategy<Value = Observation> {
    (prop::option::weighted(0.9, any_fleet()), prop::collection::vec(any_datapoint(at), 0..4))
        .prop_map(move |(fleet, datapoints)| Observation { at, fleet, datapoints })
}

/// Anything at all, which is mostly a reason to hold; or an idle fleet with a fault now and then, which would shrink
/// but for the faults.
fn any_history() -> impl Strategy<Value = Vec<Observation>> {
    prop_oneof![history_of(any_observation), history_of(idle_observation)]
}

fn history_of<S: Strategy<Value = Observation>>(
    observation: fn(f64) -> S,
) -> impl Strategy<Value = Vec<Observation>> {
    (1usize..24).prop_flat_map(move |ticks| {
        (0..ticks).map(|tick| observation(1e6 + tick as f64 * 10.0)).collect::<Vec<_>>()
    })
}

/// Now and then something else than usual.
fn mostly<T: Clone + std::fmt::Debug>(usual: T, else_: T) -> impl Strategy<Value = T> {
    prop_oneof![12 => Just(usual), 1 => Just(else_)]
}

fn idle_observation(at: f64) -> impl Strategy<Value = Observation> {
    let datapoint = (
        mostly(Some(4.0), None),
        mostly(Some(0.4), None),
        mostly(Some(0.0), Some(0.05)),
        mostly(Some(8.0), None),
    );
    let fleet = (mostly(0, 1), prop_oneof![Just(8u32), Just(11)]);
    (prop::option::weighted(0.95, fleet), prop::option::weighted(0.8, datapoint)).prop_map(
        move |(fleet, datapoint)| Observation {
            at,
            fleet: fleet.map(|(pending, desired)| Fleet {
                desired,
                in_service: desired - pending,
                pending,
                min: 2,
                max: 12,
                boots_s: Vec::new(),
            }),
            datapoints: Vec::from_iter(datapoint.map(|(requests, latency, failed, healthy)| Datapoint {
                at: at - 20.0,
                period_s: 10.0,
                requests_per_s: requests,
                latency_p95_s: latency,
                samples: requests.map(|per_s: f64| per_s * 10.0),
                failed_per_s: failed,
                cpu_percent: Some(10.0),
                healthy,
                ..Datapoint::default()
            })),
        },
    )
}

fn any_settings() -> impl Strategy<Value = Settings> {
    let strategy = prop_oneof![
        Just(Scaling::Forecast),
        Just(Scaling::FeedForward),
        Just(Scaling::Rules),
        Just(Scaling::TargetTracking)
    ];
    let pause = prop_oneof![8 => Just(Pause::None), 1 => Just(Pause::ScaleIn), 1 => Just(Pause::All)];
    let bounds = (prop::option::of(0u32..10), prop::option::of(10u32..40));
    (
        strategy,
        pause,
        bounds,
        prop::option::weighted(0.9, 0.0..60.0f64),
        prop::option::of(1u32..5),
        prop::option::of(1.0..50.0f64),
        prop::bool::weighted(0.2),
    )
        .prop_map(
            |(
                strategy,
                pause,
                (min, max),
                stabilization_window_s,
                scale_out_step,
                instance_capacity_per_s,
                asks_for_more,
            )| Settings {
                strategy,
                target: (strategy == Scaling::TargetTracking).then_some(Target::RequestsPerS(10.0)),
                pause,
                min,
                max,
                stabilization_window_s,
                scale_out_step,
                instance_capacity_per_s,
                ..besides(asks_for_more, strategy)
            },
        )
}

/// As the daemon may file it: the others are refused.
fn is_sane(d: &Datapoint) -> bool {
    let values = [
        d.requests_per_s,
        d.objective_requests_per_s,
        d.latency_p95_s,
        d.samples,
        d.failed_per_s,
        d.cpu_percent,
        d.in_service,
        d.healthy,
    ];
    d.period_s >= 1.0 && values.iter().flatten().all(|value| (0.0..=1e12).contains(value))
}

fn is_failing(d: &Datapoint) -> bool {
    d.failed_per_s.is_some_and(|failed| failed > 0.001 * d.requests_per_s.unwrap_or(0.0))
}

/// Whether a later version of the same period was seen.
fn is_corrected(d: &Datapoint, seen: &[&Datapoint]) -> bool {
    let last = seen.iter().rfind(|other| other.at.total_cmp(&d.at).is_eq());
    last.is_some_and(|last| !std::ptr::eq(*last, d))
}

/// The promises on shrinking are empty for histories in which nothing would shrink.
#[test]
fn the_generated_histories_shrink_often_enough() {
    let mut runner = TestRunner::deterministic();
    let shrinks = |settings: Settings, history: &[Observation]| {
        let policy = policy(settings);
        let mut state = State::default();
        history.iter().any(|observation| {
            let (decision, next) = decide(&policy, std::mem::take(&mut state), observation);
            state = next;
            decision.action == Action::ScaleIn
        })
    };
    let cases = (any_settings(), any_history());
    let drawn = (0..200).filter(|_| {
        let (settings, history) = cases.new_tree(&mut runner).unwrap().current();
        shrinks(settings, &history)
    });
    let share = drawn.count() as f64 / 200.0;
    assert!(share > 0.15, "only {share} of the histories");
}

/// A calendar, caps in $ and, where the strategy can, headroom for the loss of a zone: all of it or nothing.
fn besides(asked_for: bool, strategy: Scaling) -> Settings {
    if !asked_for {
        return Settings::default();
    }
    let follows_demand = matches!(strategy, Scaling::Forecast | Scaling::FeedForward);
    // The histories lie around 1e6 s, which is 13:46.
    let entry = scaling::Entry {
        name: "soon".to_owned(),
        days: Vec::new(),
        dates: Vec::new(),
        from: "13:48".parse().unwrap(),
        to: "13:50".parse().unwrap(),
        utc_offset: scaling::UtcOffset::default(),
        min: Some(7),
        requests_per_s: Some(50.0),
    };
    Settings {
        calendar: vec![entry],
        zone_headroom: follows_demand.then_some(3),
        price_per_instance_hour: Some("0.1".parse().unwrap()),
        max_per_hour: Some("2".parse().unwrap()),
        max_per_month: Some("1000".parse().unwrap()),
        ..Settings::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_change_stays_within_the_groups_bounds(settings in any_settings(), history in any_history()) {
        let policy = policy(settings);
        let mut state = State::default();
        for observation in &history {
            let (decision, next) = decide(&policy, state, observation);
            state = next;
            let Some(fleet) = &observation.fleet else {
                prop_assert_eq!((decision.action, decision.reason, decision.desired), (Action::Hold, Reason::FleetUnknown, None));
                continue;
            };
            let desired = decision.desired.unwrap();
            prop_assert!((fleet.min..=fleet.max).contains(&desired), "{desired} of {fleet:?}");
            prop_assert_eq!(decision.action == Action::Hold, desired == fleet.desired);
            prop_assert!(!decision.explain().is_empty());
        }
    }

    #[test]
    fn it_never_shrinks_without_fresh_data_or_while_requests_fail(settings in any_settings(), history in any_history()) {
        let policy = policy(settings);
        let (mut state, mut seen) = (State::default(), Vec::new());
        for observation in &history {
            let (decision, next) = decide(&policy, state, observation);
            state = next;
            seen.extend(observation.datapoints.iter().filter(|d| is_sane(d)));
            if decision.action == Action::ScaleIn {
                prop_assert_eq!(policy.pause, Pause::None);
                prop_assert!(decision.inputs.requests_per_s.permits_shrinking());
                prop_assert!(decision.inputs.latency_p95_s.permits_shrinking());
                prop_assert!(observation.fleet.as_ref().is_some_and(|fleet| fleet.pending == 0));
                let since = observation.at - policy.stabilization_window_s.unwrap_or(60.0).max(60.0);
                prop_assert!(!seen.iter().any(|d| d.at >= since && is_failing(d) && !is_corrected(d, &seen)));
            }
        }
    }

    #[test]
    fn the_same_input_gives_the_same_output_through_any_restart(settings in any_settings(), history in any_history()) {
        let policy = policy(settings);
        let (mut lived, mut restarted) = (State::default(), State::default());
        for observation in &history {
            let (first, next) = decide(&policy, lived, observation);
            restarted = State::from_json(&serde_json::to_string(&restarted).unwrap()).unwrap();
            let (second, next_restarted) = decide(&policy, restarted, observation);
            prop_assert_eq!(format!("{first:?}"), format!("{second:?}"));
            prop_assert_eq!(&next, &next_restarted);
            (lived, restarted) = (next, next_restarted);
        }
    }

    #[test]
    fn a_damaged_state_is_survived(
        settings in any_settings(),
        before in any_history(),
        after in any_history(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), -1e12..1e12f64), 1..10),
    ) {
        let policy = policy(settings);
        let state = before.iter().fold(State::default(), |state, observation| decide(&policy, state, observation).1);
        let mut state = damaged(&state, &damage);
        for observation in &after {
            let (decision, next) = decide(&policy, state, observation);
            state = next;
            if let (Some(fleet), Some(desired)) = (&observation.fleet, decision.desired) {
                prop_assert!((fleet.min..=fleet.max).contains(&desired));
            }
        }
    }
}

proptest! {
    // Each case writes and reads a state of six hours, tick by tick: fewer of them keep the whole quick.
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn a_fleet_sized_by_risk_keeps_every_promise(history in any_history(), error_budget in 0.001..0.05f64) {
        let policy = policy(Settings { error_budget, ..by_risk() });
        let (mut lived, mut restarted) = (experienced(), experienced());
        for observation in &history {
            restarted = State::from_json(&serde_json::to_string(&restarted).unwrap()).unwrap();
            let (decision, next) = decide(&policy, lived, observation);
            let (again, next_restarted) = decide(&policy, restarted, observation);
            prop_assert_eq!(format!("{decision:?}"), format!("{again:?}"));
            prop_assert_eq!(&next, &next_restarted);
            (lived, restarted) = (next, next_restarted);
            if let (Some(fleet), Some(desired)) = (&observation.fleet, decision.desired) {
                prop_assert!((fleet.min..=fleet.max).contains(&desired), "{desired} of {fleet:?}");
            }
            if decision.action == Action::ScaleIn {
                prop_assert!(decision.inputs.requests_per_s.permits_shrinking());
                prop_assert!(decision.inputs.latency_p95_s.permits_shrinking());
            }
        }
    }

    #[test]
    fn a_damaged_experience_is_survived(
        after in any_history(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), -1e12..1e12f64), 1..10),
    ) {
        let policy = policy(by_risk());
        let mut state = damaged(&experienced(), &damage);
        for observation in &after {
            let (decision, next) = decide(&policy, state, observation);
            state = next;
            if let (Some(fleet), Some(desired)) = (&observation.fleet, decision.desired) {
                prop_assert!((fleet.min..=fleet.max).contains(&desired));
            }
        }
    }
}

/// A guard that froze and a trial that goes on, which a random history hardly ever leads to: each of their numbers at
/// its end.
#[test]
fn counters_at_their_end_are_survived() {
    let mut troubled = serde_json::to_value(State::default()).unwrap();
    troubled["guard"] = serde_json::json!({
        "breach_s": 9.0, "added_at_breach_s": 9.0, "futile": 1, "before": 4,
        "frozen": { "at": 1e6, "probes": 1, "calm_since": null },
    });
    troubled["trials"] = serde_json::json!({
        "begun_at": [1e6], "going_on": { "at": 1e6, "from": 9, "proofs": 1 },
        "undo_to": 9, "failed_at": 1e6, "failures": 1,
    });
    for part in ["guard", "trials"] {
        let mut numbers = Vec::new();
        collect_numbers(&mut troubled[part], &mut numbers);
        for (place, end) in (0..numbers.len()).flat_map(|place| [(place, 0), (place, u32::MAX)]) {
            let mut state = troubled.clone();
            let mut numbers = Vec::new();
            collect_numbers(&mut state[part], &mut numbers);
            *numbers[place] = serde_json::json!(end);
            let state = State::from_json(&state.to_string()).unwrap();
            for latency_p95_s in [9.0, 0.5] {
                live_through(state.clone(), latency_p95_s);
            }
        }
    }
}

/// An hour of minutes, all with the same latency.
fn live_through(state: State, latency_p95_s: f64) {
    let policy = policy(Settings { strategy: Scaling::FeedForward, ..Settings::default() });
    (0..60).fold(state, |state, minute| {
        let at = 1e6 + 60.0 * f64::from(minute);
        let datapoint = Datapoint {
            at,
            period_s: 60.0,
            requests_per_s: Some(40.0),
            latency_p95_s: Some(latency_p95_s),
            samples: Some(2400.0),
            cpu_percent: Some(30.0),
            healthy: Some(6.0),
            ..Datapoint::default()
        };
        let fleet = Fleet { desired: 6, in_service: 6, pending: 0, min: 2, max: 12, boots_s: Vec::new() };
        let observation = Observation { at: at + 61.0, fleet: Some(fleet), datapoints: vec![datapoint] };
        let (decision, state) = decide(&policy, state, &observation);
        assert!((2..=12).contains(&decision.desired.unwrap()));
        state
    });
}

/// The experience is used at all: else the properties above would hold of the fixed margin only.
#[test]
fn an_experienced_fleet_is_sized_by_risk() {
    let fleet = Fleet { desired: 5, in_service: 5, pending: 0, min: 2, max: 20, boots_s: Vec::new() };
    let observation = Observation { at: 1e6 + 10.0, fleet: Some(fleet), datapoints: Vec::new() };
    let (decision, _) = decide(&policy(by_risk()), experienced(), &observation);
    assert_eq!(decision.candidates[0].by, scaling::Source::Forecast);
}

/// An older program had six views of its surprises.
#[test]
fn what_was_learned_with_fewer_views_is_kept() {
    let mut json = serde_json::to_value(experienced()).unwrap();
    let forecaster = &mut json["forecaster"];
    let of_six = |views: &mut serde_json::Value| views.as_array_mut().and_then(Vec::pop).unwrap();
    forecaster["belief"].as_array_mut().unwrap().iter_mut().for_each(|weights| drop(of_six(weights)));
    forecaster["awaited"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .for_each(|open| drop(of_six(&mut open["tails"])));
    let older = State::from_json(&json.to_string()).unwrap();
    let older = serde_json::to_value(older).unwrap();
    assert_eq!(older["forecaster"]["surprises"], json["forecaster"]["surprises"]);
    assert_eq!(older["forecaster"]["awaited"], serde_json::json!([]));
}

/// Another had as many, but others.
#[test]
fn what_was_learned_with_other_views_is_kept_but_not_how_far_they_were_believed() {
    let mut json = serde_json::to_value(experienced()).unwrap();
    let forecaster = json["forecaster"].as_object_mut().unwrap();
    for (name, older) in [("belief", "mixture"), ("awaited", "open")] {
        let learned = forecaster.remove(name).unwrap();
        forecaster.insert(older.to_owned(), learned);
    }
    let older = serde_json::to_value(State::from_json(&json.to_string()).unwrap()).unwrap();
    let fresh = serde_json::to_value(State::default()).unwrap();
    assert_eq!(older["forecaster"]["surprises"], json["forecaster"]["surprises"]);
    for name in ["belief", "awaited"] {
        assert_eq!(older["forecaster"][name], fresh["forecaster"][name]);
    }
}

/// The state with some of its numbers replaced, in its serialised form, by others that still parse.
fn damaged(state: &State, damage: &[(prop::sample::Index, f64)]) -> State {
    let mut json = serde_json::to_value(state).unwrap();
    for (place, value) in damage {
        let mut numbers = Vec::new();
        collect_numbers(&mut json, &mut numbers);
        let count = numbers.len();
        let number = &mut *numbers[place.index(count)];
        *number =
            if number.is_f64() { serde_json::json!(value) } else { serde_json::json!(value.abs() as u32) };
    }
    State::from_json(&json.to_string()).unwrap_or_else(|_| state.clone())
}

fn collect_numbers<'a>(json: &'a mut serde_json::Value, numbers: &mut Vec<&'a mut serde_json::Value>) {
    match json {
        serde_json::Value::Number(_) => numbers.push(json),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| collect_numbers(item, numbers)),
        serde_json::Value::Object(members) => {
            members.values_mut().for_each(|member| collect_numbers(member, numbers));
        }
        _ => {}
    }
}

/// Loads from a trickle to the maximum, each with its own seed: statistical claims are made on fixed noise, so
/// that they fail always or never.
fn loads_per_s() -> impl Iterator<Item = (u64, f64)> {
    (0..20u64).map(|seed| (seed, 15.0 + 11.7 * seed as f64))
}

/// Ten minutes of constant noisy load, after two to fit it: no action, also where the load lies at the very edge
/// between two sizes.
#[test]
fn constant_noisy_load_moves_nothing_once_settled() {
    let policy = policy(local());
    // A fleet is sized to be 70 % busy, so the edge between `n` and `n + 1` instances lies at 14 requests/s for each.
    let edges = (3..15u64).flat_map(|n| [(n, 14.0 * n as f64), (n, 14.8 * n as f64)]);
    for (seed, load_per_s) in loads_per_s().chain(edges) {
        let (mut plant, mut state) = (Plant::new(seed, 4), State::default());
        plant.run(&policy, &mut state, 120, |_| load_per_s);
        let decisions = plant.run(&policy, &mut state, 600, |_| load_per_s);
        if let Some(decision) = actions(&decisions).first() {
            panic!("seed {seed}, {load_per_s}/s: {}", decision.explain());
        }
    }
}

/// Whatever the jump, within a minute there is what it needs, in the end not more than a third above that, and
/// when it is over, the minimum.
#[test]
fn it_reaches_what_the_load_needs() {
    let policy = policy(local());
    for (seed, load_per_s) in loads_per_s() {
        let (mut plant, mut state) = (Plant::new(seed, MIN), State::default());
        plant.run(&policy, &mut state, 60, |_| 5.0 + seed as f64);
        plant.run(&policy, &mut state, 60, |_| load_per_s);
        let needed = (load_per_s / plant::CAPACITY_PER_S).ceil() as u32;
        assert!(plant.in_service() >= needed, "seed {seed}: {} of {needed}", plant.in_service());
        plant.run(&policy, &mut state, 180, |_| load_per_s);
        let generous = (load_per_s / (0.7 * plant::CAPACITY_PER_S)).ceil() * 4.0 / 3.0 + 1.0;
        assert!(
            f64::from(plant.in_service()) <= generous,
            "seed {seed}: {} of {generous}",
            plant.in_service()
        );
        plant.run(&policy, &mut state, 400, |_| 10.0);
        assert_eq!(plant.in_service(), MIN, "seed {seed}");
    }
}

#[test]
fn it_is_bounded_by_the_maximum_and_says_so() {
    let policy = policy(local());
    let (mut plant, mut state) = (Plant::new(1, MIN), State::default());
    let decisions = plant.run(&policy, &mut state, 200, |_| 900.0);
    assert_eq!(plant.in_service(), MAX);
    assert_eq!(decisions.last().unwrap().reason, Reason::AtMaximum);
}
