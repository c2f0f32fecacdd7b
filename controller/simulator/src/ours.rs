//! The decision core, driven as the daemon drives it.

use anyhow::Result;
use scaling::{Observation, Part, Parts, PolicyError, Settings, State, Strategy};

use crate::family::{Parameter, Setting, Sweep};
use crate::policy::Policy;

/// What the operator turns: the share of the time that may be slow, in percent.
pub(crate) const ERROR_BUDGET: Parameter = Parameter {
    name: "error_budget_percent",
    usual: 0.5,
    sweep: Sweep { first: 0.25, last: 2.0, step: 0.25 },
};

/// What a fixed margin is set by.
pub(crate) const UTILISATION_PERCENT: Parameter = Parameter {
    name: "utilisation_percent",
    usual: 70.0,
    sweep: Sweep { first: 30.0, last: 90.0, step: 5.0 },
};

/// What can be turned instead: a slow minute's price, in instance-minutes.
pub(crate) const PRICE: Parameter = Parameter {
    name: "slow_minute_price",
    usual: 200.0,
    sweep: Sweep { first: 40.0, last: 440.0, step: 40.0 },
};

/// The shipped settings with this error budget.
pub(crate) fn on_budget(percent: f64, setting: &Setting) -> Result<Box<dyn Policy>> {
    build(&Settings { error_budget: percent / 100.0, ..Settings::default() }, setting)
}

/// The shipped settings with this error budget, without a part of the strategy.
pub(crate) fn without(part: Part, percent: f64, setting: &Setting) -> Result<Box<dyn Policy>> {
    let ours = ours(&Settings { error_budget: percent / 100.0, ..Settings::default() }, setting)?;
    Ok(Box::new(Ours { policy: ours.policy.without(Parts::default().and(part)), ..ours }))
}

/// Sized with the fixed margin of `feed-forward`, at this utilisation in percent.
pub(crate) fn fixed_margin(percent: f64, setting: &Setting) -> Result<Box<dyn Policy>> {
    let settings =
        Settings { strategy: Strategy::FeedForward, utilisation: percent / 100.0, ..Settings::default() };
    build(&settings, setting)
}

/// The shipped settings with this price.
pub(crate) fn at_price(instance_min: f64, setting: &Setting) -> Result<Box<dyn Policy>> {
    build(&Settings { slow_minute_price: Some(instance_min), ..Settings::default() }, setting)
}

fn build(settings: &Settings, setting: &Setting) -> Result<Box<dyn Policy>> {
    Ok(Box::new(ours(settings, setting)?))
}

fn ours(settings: &Settings, setting: &Setting) -> Result<Ours> {
    let instance_capacity_per_s = setting.curve_given.then(|| setting.plant.capacity_per_s());
    Ok(Ours::new(Settings { instance_capacity_per_s, ..settings.clone() })?)
}

/// [`scaling::decide`] with its state.
#[derive(Debug)]
pub struct Ours {
    policy: scaling::Policy,
    state: State,
}

impl Ours {
    /// A controller that has seen nothing yet.
    pub fn new(settings: Settings) -> Result<Self, PolicyError> {
        Ok(Self { policy: settings.try_into()?, state: State::default() })
    }
}

impl Policy for Ours {
    /// The daemon's interval.
    fn tick_s(&self) -> f64 {
        10.0
    }

    fn desired(&mut self, observation: &Observation) -> u32 {
        let (decision, state) = scaling::decide(&self.policy, std::mem::take(&mut self.state), observation);
        self.state = state;
        let current = observation.fleet.as_ref().map_or(0, |fleet| fleet.desired);
        decision.desired.unwrap_or(current)
    }
}
