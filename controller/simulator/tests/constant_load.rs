//! Constant load with the noise of real arrivals, and the fleet at rest: also once it is sized by risk.

use anyhow::Result;
use simulator::engine::Kind;
use simulator::family::{Contender, Setting};
use simulator::{Oracle, Plant, Trace, Workload, simulate};

/// The minutes of two days in which the desired capacity changed, at a load that keeps some 11 instances busy.
fn changes(seed: u64) -> Result<Vec<usize>> {
    let trace = Trace { name: "constant".to_owned(), bin_s: 60, requests: vec![4_000; 2 * 1_440] };
    let plant = Plant::default();
    let workload = Workload::of(&trace, &plant, seed);
    let oracle = Oracle::of(&plant, &workload);
    let setting = Setting { plant: &plant, oracle: &oracle, curve_given: false };
    let mut policy = Contender::parse("ours=0.5")?.build(&setting)?;
    let run = simulate(&plant, &workload, Kind::Fluid.build(&plant, seed).as_mut(), policy.as_mut());
    let pairs = run.minutes.windows(2).enumerate();
    Ok(pairs.filter(|(_, pair)| pair[0].desired != pair[1].desired).map(|(minute, _)| minute).collect())
}

/// An instance fewer is tried while the price of the first day falls, there and back, and again later and later: three of
/// them in the eight hours after the first four, and two on the second day.
#[test]
fn a_fleet_at_rest_stays_at_rest() -> Result<()> {
    for seed in 0..8 {
        let changes = changes(seed)?;
        let within =
            |span: std::ops::Range<usize>| changes.iter().filter(|minute| span.contains(minute)).count();
        assert!(within(240..720) <= 6, "seed {seed}: {changes:?}");
        assert!(within(1_440..2_880) <= 4, "seed {seed}: {changes:?}");
    }
    Ok(())
}
