//! The two engines tell the same story of the same fleet: one by formula, one request by request.
//!
//! They part where a fleet is nearly saturated for a minute or two: the formula is that of a queue that has had the
//! time to grow to its length, so the fluid engine calls such minutes slow sooner. The policies here are either
//! well below that or well beyond it.

use simulator::engine::Kind;
use simulator::family::{Contender, Setting};
use simulator::{Measures, Oracle, Plant, Trace, Workload, simulate};

/// Half a day with a rhythm, and two spikes that no policy can see coming.
fn trace() -> Trace {
    let per_min = |minute: u32| {
        let rhythm = f64::from(minute) / 360.0 * std::f64::consts::TAU;
        let spike = if (200..215).contains(&(minute % 360)) { 5000.0 } else { 0.0 };
        (4000.0 - 3000.0 * rhythm.cos() + spike) as u64
    };
    Trace { name: "rhythm".to_owned(), bin_s: 60, requests: (0..720).map(per_min).collect() }
}

fn measures(kind: Kind, policy: &str) -> Measures {
    let plant = Plant::default();
    let workload = Workload::of(&trace(), &plant, 5);
    let oracle = Oracle::of(&plant, &workload);
    let setting = Setting { plant: &plant, oracle: &oracle, curve_given: false };
    let mut policy = Contender::parse(policy).unwrap().build(&setting).unwrap();
    let run = simulate(&plant, &workload, kind.build(&plant, 5).as_mut(), policy.as_mut());
    Measures::of(&oracle, &run)
}

#[test]
fn a_policy_costs_and_violates_the_same_on_both() {
    for policy in ["hpa=0.75", "target-tracking=0.7", "step-cpu=60,20,1", "rules=70,30"] {
        let (fluid, requests) = (measures(Kind::Fluid, policy), measures(Kind::Requests, policy));
        let hours = requests.relative_hours / fluid.relative_hours;
        assert!((hours - 1.0).abs() < 0.02, "{policy}: {hours} times the hours");
        let violations = requests.violating_minutes_percent - fluid.violating_minutes_percent;
        assert!(violations.abs() < 0.6, "{policy}: {violations} points more violating minutes");
        assert!(fluid.violating_minutes_percent > 0.3, "{policy}: a comparison of nothing with nothing");
    }
}

#[test]
fn a_run_is_the_same_every_time() {
    for kind in [Kind::Fluid, Kind::Requests] {
        assert_eq!(measures(kind, "hpa=0.75"), measures(kind, "hpa=0.75"));
    }
}
