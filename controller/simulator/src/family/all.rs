//! Every family there is.

use anyhow::bail;

use super::parameter::{Parameter, swept};
use super::{Family, Role};
use crate::ours;
use crate::peer::{
    Foresight, Hpa, Metric, Predictive, Rules, Static, StepScaling, TargetTracking, TargetValue,
};

const UTILISATION: Parameter = swept("utilisation", 0.7, 0.25, 0.95, 0.05);
const CPU_PERCENT: Parameter = swept("cpu_percent", 70.0, 25.0, 95.0, 5.0);
const SCALE_IN_WAIT_MIN: Parameter = swept("scale_in_wait_min", 1.0, 1.0, 15.0, 7.0);

/// Every family, ours first.
pub const ALL: &[Family] = &[
    Family {
        name: "ours",
        title: "this controller",
        role: Role::Ours,
        parameters: &[ours::ERROR_BUDGET],
        build: |values, setting| ours::on_budget(values[0], setting),
    },
    Family {
        name: "ours-priced",
        title: "this controller at a fixed price",
        role: Role::Ours,
        parameters: &[ours::PRICE],
        build: |values, setting| ours::at_price(values[0], setting),
    },
    Family {
        name: "static",
        title: "static",
        role: Role::Peer,
        parameters: &[swept("instances", 16.0, 3.0, 40.0, 1.0)],
        build: |values, _| Ok(Box::new(Static { instances: values[0] as u32 })),
    },
    Family {
        name: "rules",
        title: "the roadmap's rules",
        role: Role::Peer,
        parameters: &[
            swept("high_cpu_percent", 70.0, 30.0, 80.0, 5.0),
            swept("low_cpu_percent", 30.0, 20.0, 50.0, 5.0),
        ],
        build: |values, _| Ok(Box::new(Rules::new(values[0], values[1]))),
    },
    Family {
        name: "target-tracking",
        title: "target tracking on requests per target",
        role: Role::Peer,
        parameters: &[UTILISATION],
        build: |values, setting| {
            let target = setting.per_instance(values[0]);
            Ok(Box::new(TargetTracking::new(Metric::RequestsPerTarget, target, TargetTracking::USUAL)))
        },
    },
    Family {
        name: "target-tracking-1-5",
        title: "the same with alarms of 1 and 5 minutes",
        role: Role::Peer,
        parameters: &[UTILISATION],
        build: |values, setting| {
            let target = setting.per_instance(values[0]);
            Ok(Box::new(TargetTracking::new(Metric::RequestsPerTarget, target, TargetTracking::IMPATIENT)))
        },
    },
    Family {
        name: "target-tracking-p95",
        title: "target tracking on p95",
        role: Role::Peer,
        parameters: &[swept("p95_s", 1.5, 1.21, 2.5, 0.043)],
        build: |values, _| {
            Ok(Box::new(TargetTracking::new(Metric::LatencyP95, values[0], TargetTracking::USUAL)))
        },
    },
    Family {
        name: "target-tracking-cpu",
        title: "target tracking on CPU",
        role: Role::Peer,
        parameters: &[CPU_PERCENT],
        build: |values, _| Ok(Box::new(TargetTracking::new(Metric::Cpu, values[0], TargetTracking::USUAL))),
    },
    Family {
        name: "predictive",
        title: "target tracking with predictive scaling",
        role: Role::Peer,
        parameters: &[UTILISATION],
        build: |values, setting| Ok(Box::new(Predictive::new(setting.per_instance(values[0])))),
    },
    Family {
        name: "step-cpu",
        title: "steps on CPU",
        role: Role::Peer,
        parameters: &[CPU_PERCENT, swept("low_points", 20.0, 20.0, 30.0, 10.0), SCALE_IN_WAIT_MIN],
        build: |values, _| Ok(Box::new(StepScaling::on_cpu(values[0], values[1], values[2]))),
    },
    Family {
        name: "step-p95",
        title: "steps on p95",
        role: Role::Peer,
        parameters: &[
            swept("p95_s", 1.5, 1.25, 3.0, 0.125),
            swept("low_share", 0.2, 0.05, 0.45, 0.2),
            SCALE_IN_WAIT_MIN,
        ],
        build: |values, _| Ok(Box::new(StepScaling::on_p95(values[0], values[1], values[2]))),
    },
    Family {
        name: "hpa",
        title: "HPA on request rate",
        role: Role::Peer,
        parameters: &[UTILISATION],
        build: |values, setting| Ok(Box::new(Hpa::new(setting.per_instance(values[0]), 0))),
    },
    Family {
        name: "hpa-min",
        title: "HPA with a raised minimum",
        role: Role::Peer,
        parameters: &[UTILISATION, swept("min", 8.0, 4.0, 13.0, 1.0)],
        build: |values, setting| Ok(Box::new(Hpa::new(setting.per_instance(values[0]), values[1] as u32))),
    },
    Family {
        name: "nomad",
        title: "nomad-autoscaler's target-value",
        role: Role::Peer,
        parameters: &[UTILISATION],
        build: |values, setting| {
            let target = setting.per_instance(values[0]);
            Ok(Box::new(TargetValue::new(Metric::RequestsPerTarget, target)))
        },
    },
    Family {
        name: "foresight",
        title: "a perfect forecast over the lead time",
        role: Role::Bound,
        parameters: &[swept("lead_s", 240.0, 120.0, 480.0, 30.0)],
        build: |values, setting| Ok(Box::new(Foresight::new(setting.oracle.need.clone(), values[0]))),
    },
];

/// No policy: what a history says that a group did.
pub static RECORD: Family = Family {
    name: "history",
    title: "what really happened",
    role: Role::Record,
    parameters: &[],
    build: |_, _| bail!("what really happened cannot be run again"),
};
