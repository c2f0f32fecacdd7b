//! A bound, and no policy that anybody could run: one that knows the need over its lead time, and nothing later.

use scaling::Observation;

use crate::policy::Policy;

/// Always asks for what the next seconds will need.
#[derive(Debug)]
pub struct Foresight {
    need: Vec<u32>,
    lead_s: f64,
}

impl Foresight {
    /// The need of each minute to come, and how far ahead it is known, in seconds.
    pub fn new(need: Vec<u32>, lead_s: f64) -> Self {
        Self { need, lead_s }
    }
}

impl Policy for Foresight {
    fn tick_s(&self) -> f64 {
        10.0
    }

    fn desired(&mut self, observation: &Observation) -> u32 {
        let minute = |at: f64| ((at / 60.0) as usize).min(self.need.len() - 1);
        let ahead = &self.need[minute(observation.at)..=minute(observation.at + self.lead_s)];
        ahead.iter().copied().max().unwrap_or(0)
    }
}
