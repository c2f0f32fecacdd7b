//! This controller without one of its parts, to see what the part buys. No comparison has these by default.

use scaling::Part;

use super::{Build, Family, Role};
use crate::ours;

/// Each part once.
pub const ABLATED: &[Family] = &[
    without("ours-without-time-of-day", "without the time of day", |values, setting| {
        ours::without(Part::TimeOfDay, values[0], setting)
    }),
    without("ours-without-minute-of-hour", "without the minute of the hour", |values, setting| {
        ours::without(Part::MinuteOfHour, values[0], setting)
    }),
    without("ours-without-situations", "without the situations", |values, setting| {
        ours::without(Part::Situations, values[0], setting)
    }),
    without("ours-without-like-expectations", "without like expectations", |values, setting| {
        ours::without(Part::LikeExpectations, values[0], setting)
    }),
    without("ours-without-levels", "without the levels that came", |values, setting| {
        ours::without(Part::Levels, values[0], setting)
    }),
    without("ours-without-learned-cliff", "without the learned cliff", |values, setting| {
        ours::without(Part::LearnedCliff, values[0], setting)
    }),
    without("ours-without-spent", "without what was spent", |values, setting| {
        ours::without(Part::Spent, values[0], setting)
    }),
    without("ours-without-economy", "without the economy of actions", |values, setting| {
        ours::without(Part::Economy, values[0], setting)
    }),
    Family {
        name: "ours-fixed-margin",
        title: "with a fixed margin instead of a risk",
        role: Role::Ours,
        parameters: &[ours::UTILISATION_PERCENT],
        build: |values, setting| ours::fixed_margin(values[0], setting),
    },
];

const fn without(name: &'static str, title: &'static str, build: Build) -> Family {
    Family { name, title, role: Role::Ours, parameters: &[ours::ERROR_BUDGET], build }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Fluid;
    use crate::family::{Contender, Setting};
    use crate::{Oracle, Plant, Trace, Workload, simulate};

    /// Two days and a half with a rhythm, and a spike at the same minute of every hour.
    fn workload() -> Workload {
        let per_min = |minute: u32| {
            let phase = f64::from(minute) / 1_440.0 * std::f64::consts::TAU;
            (3_000.0 - 1_500.0 * phase.cos() + if minute % 60 < 5 { 400.0 } else { 0.0 }) as u64
        };
        let requests = (0..3_600).map(per_min).collect();
        Workload::recorded(&Trace { name: "rhythm".to_owned(), bin_s: 60, requests }, 3)
    }

    #[test]
    fn each_part_that_is_left_out_makes_another_fleet() {
        // Three slots break the objective below the 90 % that are assumed.
        let (plant, workload) = (Plant { slots: 3, ..Plant::default() }, workload());
        let oracle = Oracle::of(&plant, &workload);
        let setting = Setting { plant: &plant, oracle: &oracle, curve_given: false };
        let hours = |family: &'static Family| {
            let mut policy = family.usual().build(&setting).unwrap();
            simulate(&plant, &workload, &mut Fluid::new(&plant), policy.as_mut()).bill.instance_s
        };
        let whole = hours(Family::named("ours").unwrap());
        for family in ABLATED {
            assert!((hours(family) - whole).abs() > 1.0, "{} changes nothing", family.name);
        }
    }

    #[test]
    fn each_can_be_named() {
        for contender in ABLATED.iter().flat_map(Family::sweep) {
            assert_eq!(Contender::parse(&contender.label()).unwrap().label(), contender.label());
        }
    }
}
