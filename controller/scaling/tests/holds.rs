//! Every hold bites: each row is a situation in which the fleet would shrink or grow, and what keeps it.

#![allow(clippy::unwrap_used, reason = "tests")]

mod experience;
mod plant;

use std::collections::HashSet;

use experience::{by_risk, experienced};
use plant::policy;
use scaling::{
    Action, Datapoint, Decision, Entry, Fleet, Observation, Pause, Reason, Settings, State, Strategy, Target,
    UtcOffset, decide,
};

/// Long enough for the roadmap's rule on a quarter of an hour of CPU.
const MINUTES: usize = 18;
/// The first minute's start: that is where the experience ends.
const START_S: f64 = 1e6;

/// What is watched, minute by minute, and decided on at the last one.
#[derive(Clone)]
struct Scene {
    settings: Settings,
    experience: State,
    /// What is paused until the last minute: all, so that nothing comes in between, if not said otherwise.
    watching: Pause,
    observations: Vec<Observation>,
}

/// `instances`, on which each minute is as `minute` says.
fn scene(settings: Settings, instances: u32, minute: &Datapoint) -> Scene {
    let observation = |index: usize| {
        let at = START_S + 60.0 * index as f64;
        let datapoint = Datapoint { at, healthy: Some(f64::from(instances)), ..minute.clone() };
        let fleet = Fleet {
            desired: instances,
            in_service: instances,
            pending: 0,
            min: 2,
            max: 20,
            boots_s: Vec::new(),
        };
        Observation { at: at + 120.0, fleet: Some(fleet), datapoints: vec![datapoint] }
    };
    let observations = (0..MINUTES).map(observation).collect();
    Scene { settings, experience: State::default(), watching: Pause::All, observations }
}

fn minute(requests_per_s: f64, latency_p95_s: f64) -> Datapoint {
    Datapoint {
        period_s: 60.0,
        requests_per_s: Some(requests_per_s),
        latency_p95_s: Some(latency_p95_s),
        samples: Some(60.0 * requests_per_s),
        failed_per_s: Some(0.0),
        ..Datapoint::default()
    }
}

impl Scene {
    /// With something else in the way.
    fn but(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn fleet(&mut self) -> &mut Fleet {
        self.observations[MINUTES - 1].fleet.as_mut().unwrap()
    }

    /// The datapoint of so many minutes before the last one's.
    fn minutes_ago(&mut self, ago: usize) -> &mut Datapoint {
        &mut self.observations[MINUTES - 1 - ago].datapoints[0]
    }

    /// The newest datapoint is as old as may be, and a bit older.
    fn silence(&mut self) {
        self.observations[MINUTES - 3..].iter_mut().for_each(|observation| observation.datapoints.clear());
        self.observations[MINUTES - 1].at += 10.0;
    }

    /// The controller is away from the sixth minute on, and reads up what it missed at the last one.
    fn be_away(&mut self) {
        let missed: Vec<_> = self.observations.drain(5..MINUTES - 1).flat_map(|o| o.datapoints).collect();
        self.observations.last_mut().unwrap().datapoints.extend(missed);
    }

    fn decision(&self) -> Decision {
        let watching = policy(Settings { pause: self.watching, ..self.settings.clone() });
        let (last, before) = self.observations.split_last().unwrap();
        let watch = |state, observation: &Observation| decide(&watching, state, observation).1;
        let state = before.iter().fold(self.experience.clone(), watch);
        decide(&policy(self.settings.clone()), state, last).0
    }
}

fn feed_forward() -> Settings {
    Settings { strategy: Strategy::FeedForward, instance_capacity_per_s: Some(20.0), ..Settings::default() }
}

/// Two of eight instances would do.
fn idle() -> Scene {
    scene(feed_forward(), 8, &minute(20.0, 0.5))
}

/// Eight instances are right for the demand, and yet the last minute was slow.
fn slow() -> Scene {
    scene(feed_forward(), 8, &minute(100.0, 0.5)).but(|s| s.minutes_ago(0).latency_p95_s = Some(9.0))
}

/// Eight instances are right for the demand, and the operator allows six.
fn above_maximum() -> Scene {
    scene(Settings { max: Some(6), ..feed_forward() }, 8, &minute(100.0, 0.5))
}

/// By the roadmap's rules: fast, and little CPU for long.
fn idle_by_the_rules() -> Scene {
    let idle = Datapoint { cpu_percent: Some(10.0), ..minute(20.0, 0.5) };
    scene(Settings { strategy: Strategy::Rules, ..Settings::default() }, 8, &idle)
}

/// Sized by risk, as the experience taught, at so many requests per second.
fn weighed(requests_per_s: f64) -> Scene {
    weighed_with(5, requests_per_s)
}

/// The same with another fleet than five.
fn weighed_with(instances: u32, requests_per_s: f64) -> Scene {
    let minute = Datapoint { cpu_percent: Some(requests_per_s), ..minute(requests_per_s, 1.3) };
    scene(by_risk(), instances, &minute).but(|s| s.experience = experienced())
}

/// A slow minute at so many requests per second, where slow minutes are worth next to nothing.
fn slow_and_cheap(requests_per_s: f64) -> Scene {
    weighed(60.0).but(|s| {
        s.settings.slow_minute_price = Some(1.0);
        s.minutes_ago(0).requests_per_s = Some(requests_per_s);
        s.minutes_ago(0).latency_p95_s = Some(4.0);
    })
}

/// Three instances: two would do, and nobody has seen them do it.
fn untried() -> Scene {
    scene(feed_forward(), 3, &minute(20.0, 0.5))
}

/// A quarter of target tracking's target.
fn far_below_target() -> Scene {
    let target = Some(Target::RequestsPerS(10.0));
    let settings = Settings { strategy: Strategy::TargetTracking, target, ..Settings::default() };
    scene(settings, 8, &minute(20.0, 0.5))
}

fn market_open(min: u32) -> Vec<Entry> {
    vec![Entry {
        name: "market open".to_owned(),
        days: Vec::new(),
        dates: Vec::new(),
        from: "00:00".parse().unwrap(),
        to: "24:00".parse().unwrap(),
        utc_offset: UtcOffset::default(),
        min: Some(min),
        requests_per_s: None,
    }]
}

type Row = (Reason, Scene, fn(&mut Scene));

/// What would be done, and what keeps it from being done.
fn rows() -> Vec<Row> {
    let acting = |s: &mut Scene| s.watching = Pause::None;
    vec![
        (Reason::FleetUnknown, idle(), |s| s.observations[MINUTES - 1].fleet = None),
        (Reason::FleetUnknown, slow(), |s| s.observations[MINUTES - 1].fleet = None),
        (Reason::MetricsStale, idle(), Scene::silence),
        (Reason::MetricsStale, idle_by_the_rules(), Scene::silence),
        (Reason::MetricsStale, above_maximum(), Scene::silence),
        (Reason::MetricsMissing, idle(), |s| s.observations.iter_mut().for_each(|o| o.datapoints.clear())),
        (Reason::MetricsMissing, above_maximum(), |s| {
            s.observations.iter_mut().for_each(|o| o.datapoints.clear());
        }),
        (Reason::RequestsFailing, idle(), |s| s.minutes_ago(0).failed_per_s = Some(0.1)),
        (Reason::RequestsFailing, idle(), |s| s.minutes_ago(2).failed_per_s = Some(0.1)),
        (Reason::RequestsFailing, idle_by_the_rules(), |s| s.minutes_ago(0).failed_per_s = Some(0.1)),
        (Reason::RequestsFailing, weighed(30.0), |s| s.minutes_ago(0).failed_per_s = Some(0.1)),
        (Reason::RequestsFailing, above_maximum(), |s| s.minutes_ago(0).failed_per_s = Some(0.2)),
        (Reason::AwaitingPending, idle(), |s| (s.fleet().in_service, s.fleet().pending) = (7, 1)),
        (Reason::AwaitingPending, weighed(30.0), |s| (s.fleet().in_service, s.fleet().pending) = (4, 1)),
        (Reason::AwaitingPending, above_maximum(), |s| (s.fleet().in_service, s.fleet().pending) = (7, 1)),
        (Reason::ScaleInPaused, idle(), |s| s.settings.pause = Pause::ScaleIn),
        (Reason::ScaleInPaused, idle_by_the_rules(), |s| s.settings.pause = Pause::ScaleIn),
        (Reason::ScaleInPaused, weighed(30.0), |s| s.settings.pause = Pause::ScaleIn),
        (Reason::ScaleInPaused, above_maximum(), |s| s.settings.pause = Pause::ScaleIn),
        (Reason::Paused, idle(), |s| s.settings.pause = Pause::All),
        (Reason::Paused, slow(), |s| s.settings.pause = Pause::All),
        (Reason::Paused, above_maximum(), |s| s.settings.pause = Pause::All),
        (Reason::Stabilizing, idle(), |s| s.minutes_ago(2).requests_per_s = Some(140.0)),
        (Reason::Stabilizing, idle(), |s| s.settings.stabilization_window_s = Some(7_200.0)),
        (Reason::Stabilizing, idle(), Scene::be_away),
        (Reason::Cooldown, idle().but(acting), |s| s.settings.scale_in_cooldown_s = 7_200.0),
        (Reason::NotWorthwhile, weighed_with(3, 16.0), |s| {
            (5..MINUTES).for_each(|ago| s.minutes_ago(ago).requests_per_s = Some(40.0));
        }),
        (Reason::AtMinimum, idle(), |s| s.fleet().min = 8),
        (Reason::AtMaximum, slow(), |s| s.fleet().max = 8),
        (Reason::AtBudget, slow(), |s| {
            s.settings.price_per_instance_hour = Some("0.1".parse().unwrap());
            s.settings.max_per_hour = Some("0.8".parse().unwrap());
        }),
        (Reason::HeldByCalendar, idle(), |s| s.settings.calendar = market_open(8)),
        (Reason::HeldByZoneHeadroom, scene(feed_forward(), 8, &minute(70.0, 0.5)), |s| {
            s.settings.zone_headroom = Some(2);
        }),
        (Reason::AwaitingTrial, untried(), |s| s.settings.scale_in_trials_per_day = 0),
        (Reason::NearTarget, far_below_target(), |s| {
            (0..MINUTES).for_each(|ago| s.minutes_ago(ago).requests_per_s = Some(76.0));
        }),
        (Reason::AwaitingEffect, slow(), |s| {
            s.observations[MINUTES - 2].fleet.as_mut().unwrap().in_service = 7;
        }),
        (Reason::BacklogDraining, slow(), |s| s.minutes_ago(0).samples = Some(60.0 * 110.0)),
        (Reason::AddingDidNotHelp, slow().but(acting), |s| {
            (0..MINUTES).for_each(|ago| s.minutes_ago(ago).latency_p95_s = Some(9.0));
        }),
        (Reason::WithinBudget, slow_and_cheap(60.0), |s| s.minutes_ago(0).requests_per_s = Some(95.0)),
        (Reason::FitsDemand, idle(), |s| {
            (0..MINUTES).for_each(|ago| s.minutes_ago(ago).requests_per_s = Some(100.0));
        }),
        (Reason::NoRuleFires, idle_by_the_rules(), |s| {
            (s.minutes_ago(0).latency_p95_s, s.minutes_ago(0).cpu_percent) = (Some(2.0), Some(50.0));
        }),
    ]
}

#[test]
fn every_hold_keeps_what_would_be_done_without_it() {
    for (index, (reason, scene, hold)) in rows().into_iter().enumerate() {
        let free = scene.decision();
        assert_ne!(free.action, Action::Hold, "row {index}, {reason:?}: {}", free.explain());
        let held = scene.but(hold).decision();
        let told = held.explain();
        assert_eq!((held.action, held.reason), (Action::Hold, reason), "row {index}: {told}");
    }
}

/// A hold that is added and not tried here fails this.
#[test]
fn every_reason_is_an_action_or_a_hold_that_is_tried() {
    use Reason::{
        AboveBudget, AboveMaximum, AboveTarget, AdditionGivenBack, BelowMinimum, BelowTarget, Calendar,
        DemandFell, DemandForecast, LatencyBreach, RuleCpuHigh, RuleCpuLow, RuleLatencyHigh, RuleLatencyLow,
        ScaleInTrial, TrialUndone, ZoneHeadroom,
    };
    let out = [DemandForecast, LatencyBreach, BelowMinimum, Calendar, ZoneHeadroom, TrialUndone];
    let out = out.into_iter().chain([AboveTarget, RuleLatencyHigh, RuleCpuHigh]);
    let inward = [DemandFell, ScaleInTrial, AdditionGivenBack, AboveMaximum, AboveBudget];
    let inward = inward.into_iter().chain([BelowTarget, RuleLatencyLow, RuleCpuLow]);
    let held = rows().into_iter().map(|(reason, ..)| reason);
    let known: HashSet<Reason> = out.chain(inward).chain(held).collect();
    assert_eq!(known, Reason::ALL.iter().copied().collect());
}

/// What keeps a fleet from shrinking does not keep it from growing.
#[test]
fn a_pause_of_scale_in_and_failing_requests_let_the_fleet_grow() {
    for hold in [
        |s: &mut Scene| s.settings.pause = Pause::ScaleIn,
        |s: &mut Scene| s.minutes_ago(0).failed_per_s = Some(0.2),
        |s: &mut Scene| s.minutes_ago(3).failed_per_s = Some(0.2),
    ] {
        assert_eq!(slow().but(hold).decision().action, Action::ScaleOut);
    }
}
