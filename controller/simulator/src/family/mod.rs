//! The policies by name, each with the parameters that trade instance-hours for violations.

mod ablated;
mod all;
mod contender;
mod parameter;

use anyhow::{Result, bail};
use serde::{Serialize, Serializer};

use crate::oracle::Oracle;
use crate::plant::Plant;
use crate::policy::Policy;

pub use ablated::ABLATED;
pub use all::{ALL, RECORD};
pub use contender::Contender;
pub use parameter::{Parameter, Sweep};

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
    /// What really happened.
    Record,
}

/// Builds a policy from the values of its parameters.
pub type Build = fn(&[f64], &Setting) -> Result<Box<dyn Policy>>;

impl Family {
    /// The family of this name.
    pub fn named(name: &str) -> Result<&'static Self> {
        let all = || ALL.iter().chain(ABLATED);
        let Some(family) = all().find(|family| family.name == name) else {
            let names: Vec<&str> = all().map(|family| family.name).collect();
            bail!("`policy` is {name:?}; allowed: {}", names.join(", "));
        };
        Ok(family)
    }
}

/// A family is its name.
impl Serialize for Family {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}
