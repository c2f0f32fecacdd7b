//! What the risk-sizing policy has seen by the time it trusts its forecasts.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::sync::LazyLock;

use scaling::{Datapoint, Fleet, Observation, Policy, Settings, State, Strategy, decide};

/// The default, which sizes by risk once it has the experience.
pub fn by_risk() -> Settings {
    Settings { strategy: Strategy::Forecast, ..Settings::default() }
}

/// A state that has watched six hours of minutes up to `1e6` s, long enough for the fleet to be sized by risk.
pub fn experienced() -> State {
    static EXPERIENCED: LazyLock<State> = LazyLock::new(six_hours);
    EXPERIENCED.clone()
}

fn six_hours() -> State {
    (0..360u32).fold(State::default(), |state, minute| {
        let requests_per_s = 60.0 + 20.0 * (f64::from(minute) / 40.0).sin() + f64::from(minute * 7 % 5);
        let datapoint = Datapoint {
            at: 1e6 - 60.0 * f64::from(361 - minute),
            period_s: 60.0,
            requests_per_s: Some(requests_per_s),
            latency_p95_s: Some(1.3),
            samples: Some(60.0 * requests_per_s),
            cpu_percent: Some(requests_per_s),
            healthy: Some(5.0),
            ..Datapoint::default()
        };
        let fleet = Fleet { desired: 5, in_service: 5, pending: 0, min: 2, max: 20, boots_s: Vec::new() };
        let at = datapoint.ended_at() + 60.0;
        decide(
            &Policy::try_from(by_risk()).unwrap(),
            state,
            &Observation { at, fleet: Some(fleet), datapoints: vec![datapoint] },
        )
        .1
    })
}
