//! Constant load with the noise of real arrivals, and the fleet at rest: also once it is sized by risk.

use anyhow::Result;
use simulator::engine::Kind;
use simulator::family::{Contender, Setting};
use simulator::{Oracle, Plant, Trace, Workload, simulate};

/// Changes of the desired capacity after the first `settling_min` of twelve hours at a load that keeps some 11 instances busy.
fn late_changes(seed: u64, settling_min: usize) -> Result<usize> {
    let trace = Trace { name: "constant".to_owned(), bin_s: 60, requests: vec![4_000; 720] };
    let plant = Plant::default();
    let workload = Workload::of(&trace, &plant, seed);
    let oracle = Oracle::of(&plant, &workload);
    let setting = Setting { plant: &plant, oracle: &oracle, curve_given: false };
    let mut policy = Contender::parse("ours=0.5")?.build(&setting)?;
    let run = simulate(&plant, &workload, Kind::Fluid.build(&plant, seed).as_mut(), policy.as_mut());
    let settled = &run.minutes[settling_min..];
    Ok(settled.windows(2).filter(|pair| pair[0].desired != pair[1].desired).count())
}

/// An instance fewer may be tried, and a trial that failed once more much later: two of them in eight hours, there
/// and back.
#[test]
fn a_fleet_at_rest_stays_at_rest() -> Result<()> {
    for seed in 0..8 {
        let changes = late_changes(seed, 240)?;
        assert!(changes <= 4, "seed {seed}: {changes} changes");
    }
    Ok(())
}
