//! A policy with its parameters set, as it is named on the command line: `hpa=0.7`.

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use super::{Family, Setting};
use crate::policy::Policy;

/// A family with values of its parameters.
#[derive(Clone, Serialize)]
pub struct Contender {
    /// The family.
    pub family: &'static Family,
    /// The parameters' values, in their order.
    pub values: Vec<f64>,
}

impl Family {
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
        if self.values.is_empty() {
            return self.family.name.to_owned();
        }
        let values: Vec<String> = self.values.iter().map(ToString::to_string).collect();
        format!("{}={}", self.family.name, values.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::ALL;

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
