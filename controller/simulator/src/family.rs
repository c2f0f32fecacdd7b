//! The policies by name, each with the one parameter that trades instance-hours for violations.

use anyhow::{Context, Result, bail};

use crate::ours::Ours;
use crate::peer::Static;
use crate::plant::Plant;
use crate::policy::Policy;
use crate::workload::Workload;

/// What a policy may be built from, besides its parameter.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The world.
    pub plant: &'a Plant,
    /// The load to come, which only a bound may look at.
    pub workload: &'a Workload,
    /// Whether the policy is told what an instance serves, if it wants to know.
    pub curve_given: bool,
}

/// A kind of policy.
#[derive(Clone, Copy)]
pub struct Family {
    /// Its name on the command line and in tables.
    pub name: &'static str,
    /// What its parameter is.
    pub parameter: &'static str,
    /// The value that it is used with where none is chosen.
    pub usual: f64,
    /// The values that a comparison tries: first, last, step.
    pub sweep: (f64, f64, f64),
    /// Builds one.
    pub build: fn(f64, &Setting) -> Result<Box<dyn Policy>>,
}

/// Every family.
pub const ALL: &[Family] = &[
    Family {
        name: "ours",
        parameter: "utilisation",
        usual: 0.7,
        sweep: (0.3, 0.95, 0.05),
        build: |utilisation, setting| {
            let settings = scaling::Settings {
                utilisation,
                instance_capacity_per_s: setting.curve_given.then(|| setting.plant.capacity_per_s()),
                ..scaling::Settings::default()
            };
            Ok(Box::new(Ours::new(settings)?))
        },
    },
    Family {
        name: "static",
        parameter: "instances",
        usual: 16.0,
        sweep: (4.0, 40.0, 1.0),
        build: |instances, _| Ok(Box::new(Static { instances: instances as u32 })),
    },
];

/// A family with a value of its parameter.
#[derive(Clone, Copy)]
pub struct Contender {
    /// The family.
    pub family: &'static Family,
    /// The parameter's value.
    pub value: f64,
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
}

impl Contender {
    /// Reads `NAME` or `NAME=VALUE`.
    pub fn parse(text: &str) -> Result<Self> {
        let Some((name, value)) = text.split_once('=') else {
            let family = Family::named(text)?;
            return Ok(Self { family, value: family.usual });
        };
        let family = Family::named(name)?;
        let value = value.parse().with_context(|| {
            format!("`{}` of policy {name} is {value:?}; allowed: a number", family.parameter)
        })?;
        Ok(Self { family, value })
    }

    /// Builds the policy.
    pub fn build(&self, setting: &Setting) -> Result<Box<dyn Policy>> {
        (self.family.build)(self.value, setting).with_context(|| {
            format!("policy {} with {} = {}", self.family.name, self.family.parameter, self.value)
        })
    }
}
