//! The policies by name, each with the parameters that trade instance-hours for violations.

use anyhow::{Context, Result, bail, ensure};
use serde::{Serialize, Serializer};

use crate::oracle::Oracle;
use crate::ours;
use crate::peer::{
    Foresight, Hpa, Metric, Predictive, Rules, Static, StepScaling, TargetTracking, TargetValue,
};
use crate::plant::Plant;
use crate::policy::Policy;

/// What a policy may be built from, besides its parameters.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The world.
    pub plant: &'a Plant,
    /// What is to come, which only a bound may look at.
    pub oracle: &'a Oracle,
    /// Whether the policy is told what an instance serves, if it wants to know.
    pub curve_given: bool,
}

impl Setting<'_> {
    /// Requests per second that an instance serves at this utilisation.
    fn per_instance(&self, utilisation: f64) -> f64 {
        utilisation * self.plant.capacity_per_s()
    }
}

/// A kind of policy.
pub struct Family {
    /// Its name on the command line and in tables.
    pub name: &'static str,
    /// What it is, in a table's words.
    pub title: &'static str,
    /// Whose it is.
    pub role: Role,
    /// Its parameters.
    pub parameters: &'static [Parameter],
    /// Builds one from the parameters' values.
    pub build: Build,
}

/// Whose a policy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// This project's.
    Ours,
    /// Somebody else's, that one could run instead.
    Peer,
    /// Nobody's: it knows what is to come.
    Bound,
}

/// Builds a policy from the values of its parameters.
pub type Build = fn(&[f64], &Setting) -> Result<Box<dyn Policy>>;

/// A number that a policy is set by.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name, with its unit.
    pub name: &'static str,
    /// The value that it has where none is chosen.
    pub usual: f64,
    /// The values that a comparison tries.
    pub sweep: Sweep,
}

/// Values from the first to the last, both included.
#[derive(Clone, Copy, Debug)]
pub struct Sweep {
    /// The first.
    pub first: f64,
    /// The last.
    pub last: f64,
    /// How far apart they are.
    pub step: f64,
}

impl Sweep {
    fn values(self) -> Vec<f64> {
        let count = ((self.last - self.first) / self.step).round() as u32;
        // Whole multiples of the step, rounded, so that a table shows 0.35 and not 0.35000000000000003.
        (0..=count).map(|i| ((self.first + f64::from(i) * self.step) * 1e6).round() / 1e6).collect()
    }
}

const fn swept(name: &'static str, usual: f64, first: f64, last: f64, step: f64) -> Parameter {
    Parameter { name, usual, sweep: Sweep { first, last, step } }
}

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

/// A family with values of its parameters.
#[derive(Clone, Serialize)]
pub struct Contender {
    /// The family.
    pub family: &'static Family,
    /// The parameters' values, in their order.
    pub values: Vec<f64>,
}

/// A family is its name.
impl Serialize for Family {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl Family {
    /// The family of this name.
    pub fn named(name: &str) -> Result<&'static Self> {
        let Some(family) = ALL.iter().find(|family| family.name == name) else {
            let names: Vec<&str> = ALL.iter().map(|family| family.name).collect();
            bail!("`policy` is {name:?}; allowed: {}", names.join(", "));
        };
        Ok(family)
    }

    /// The family with its parameters as they are usually set.
    pub fn usual(&'static self) -> Contender {
        Contender { family: self, values: self.parameters.iter().map(|parameter| parameter.usual).collect() }
    }

    /// Every combination of the parameters' swept values.
    pub fn sweep(&'static self) -> Vec<Contender> {
        let combinations = self.parameters.iter().fold(vec![Vec::new()], |combinations, parameter| {
            let values = parameter.sweep.values();
            let extended = |before: Vec<f64>| {
                values.iter().map(move |value| [before.as_slice(), &[*value]].concat()).collect::<Vec<_>>()
            };
            combinations.into_iter().flat_map(extended).collect()
        });
        combinations.into_iter().map(|values| Contender { family: self, values }).collect()
    }

    fn parse_values(&self, text: &str) -> Result<Vec<f64>> {
        let found: Vec<&str> = text.split(',').collect();
        let names: Vec<&str> = self.parameters.iter().map(|parameter| parameter.name).collect();
        ensure!(
            found.len() == names.len(),
            "policy {} has {} values in {text:?}; allowed: {}",
            self.name,
            found.len(),
            names.join(",")
        );
        let number = |(name, found): (&&str, &&str)| {
            let value = found.parse().ok().filter(|value: &f64| value.is_finite() && *value > 0.0);
            value.with_context(|| {
                format!("`{name}` of policy {} is {found:?}; allowed: a number above 0", self.name)
            })
        };
        names.iter().zip(&found).map(number).collect()
    }
}

impl Contender {
    /// Reads `NAME` or `NAME=VALUE[,VALUE]`.
    pub fn parse(text: &str) -> Result<Self> {
        let Some((name, values)) = text.split_once('=') else {
            return Ok(Family::named(text)?.usual());
        };
        let family = Family::named(name)?;
        Ok(Self { family, values: family.parse_values(values)? })
    }

    /// Builds the policy.
    pub fn build(&self, setting: &Setting) -> Result<Box<dyn Policy>> {
        (self.family.build)(&self.values, setting).with_context(|| format!("policy {}", self.label()))
    }

    /// The name with its parameters' values, as [`Contender::parse`] reads it.
    pub fn label(&self) -> String {
        let values: Vec<String> = self.values.iter().map(ToString::to_string).collect();
        format!("{}={}", self.family.name, values.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_swept_contender_can_be_named() {
        for contender in ALL.iter().flat_map(Family::sweep) {
            assert_eq!(Contender::parse(&contender.label()).unwrap().label(), contender.label());
        }
    }

    #[test]
    fn a_sweep_includes_both_ends_and_all_combinations() {
        let static_ = Family::named("static").unwrap().sweep();
        assert_eq!((static_[0].values[0], static_[37].values[0], static_.len()), (3.0, 40.0, 38));
        assert_eq!(Family::named("hpa-min").unwrap().sweep().len(), 15 * 10);
    }

    #[test]
    fn what_is_wrong_with_a_policy_is_said_with_what_is_allowed() {
        let error = |text| Contender::parse(text).err().unwrap().to_string();
        assert!(error("hps").starts_with("`policy` is \"hps\"; allowed: ours, ours-priced, static, rules"));
        assert_eq!(error("hpa=x"), "`utilisation` of policy hpa is \"x\"; allowed: a number above 0");
        assert_eq!(error("hpa-min=0.5"), "policy hpa-min has 1 values in \"0.5\"; allowed: utilisation,min");
    }
}
