//! The history as a run.

use crate::engine::{Engine, Fluid};
use crate::fleet::Bill;
use crate::history::{self, History};
use crate::plant::{Plant, STEPS_PER_MIN};
use crate::simulation::{Minute, Run};

/// What happened, as a simulated run would tell it.
pub(super) fn run(history: &History, plant: &Plant) -> Run {
    let minutes: Vec<Minute> = history.minutes.iter().map(|minute| recorded(minute, plant)).collect();
    let changes = history.minutes.windows(2).filter(|m| (m[0].in_service - m[1].in_service).abs() > 0.5);
    Run { minutes, bill: bill(history, plant), actions: changes.count() as u32, failed: Vec::new() }
}

fn recorded(minute: &history::Minute, plant: &Plant) -> Minute {
    let share = minute.latency_p95_s.map_or(0.0, |p95_s| slow_share(p95_s, plant.objective_s));
    Minute {
        arrived: minute.requests,
        slow: share * minute.requests,
        serving: minute.in_service,
        desired: minute.in_service.round() as u32,
    }
}

/// The share of a minute's requests that were slow. CloudWatch tells the p95 and not the share; through the p95 the
/// tail is taken to be exponential, which it is in any queue. More than a twentieth, exactly if the p95 is over.
fn slow_share(p95_s: f64, objective_s: f64) -> f64 {
    0.05f64.powf(objective_s / p95_s.max(1e-6))
}

/// Minutes in service; before each instance more, its boot, and after each one less, its draining, as the plant's
/// fleets are billed.
fn bill(history: &History, plant: &Plant) -> Bill {
    let served_s: f64 = history.minutes.iter().map(|minute| 60.0 * minute.in_service).sum();
    let change_s = |m: &[history::Minute]| {
        let change = m[1].in_service - m[0].in_service;
        if change > 0.0 { change * plant.boot.mean_s() } else { -change * plant.drain_s }
    };
    Bill { instance_s: served_s + history.minutes.windows(2).map(change_s).sum::<f64>(), standby_s: 0.0 }
}

/// What the plant makes of the recorded load on the recorded fleet.
pub(super) fn believed_violations_percent(history: &History, plant: &Plant) -> f64 {
    let mut fluid = Fluid::new(plant);
    let mut violates = |minute: &history::Minute| {
        let per_step = minute.requests / STEPS_PER_MIN as f64;
        let instances = minute.in_service.round() as u32;
        let slow: f64 = (0..STEPS_PER_MIN).map(|_| fluid.serve_by(per_step, instances).slow).sum();
        fluid.take_p95_s();
        slow > 0.05 * minute.requests
    };
    let violating = history.minutes.iter().filter(|minute| violates(minute)).count();
    100.0 * violating as f64 / history.minutes.len().max(1) as f64
}
