//! The size of an instance, as its owner states it.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
};

use rand_distr::LogNormal;

/// How large every instance is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Profile {
    slots: usize,
    service_s: LogNormal<f64>,
    seed: u64,
}

/// A profile that describes no machine.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum ProfileError {
    /// No request could ever be served.
    #[error("slots: found {0}; allowed is 1 to 100000")]
    Slots(usize),
    /// Not a time.
    #[error("mean service time in seconds: found {0}; allowed is above 0 and up to 3600")]
    Mean(f64),
    /// Not a coefficient of variation.
    #[error("coefficient of variation: found {0}; allowed is 0 (constant) to 10")]
    Cv(f64),
}

impl Profile {
    /// An instance with `slots` requests in service at once. Service times are lognormal with this mean and this
    /// coefficient of variation (standard deviation / mean); `cv` 0 makes them constant. Equal seeds draw equal times.
    pub fn new(slots: usize, mean_s: f64, cv: f64, seed: u64) -> Result<Self, ProfileError> {
        if !(1..=100_000).contains(&slots) {
            return Err(ProfileError::Slots(slots));
        }
        if !(mean_s > 0.0 && mean_s <= 3600.0) {
            return Err(ProfileError::Mean(mean_s));
        }
        if !(0.0..=10.0).contains(&cv) {
            return Err(ProfileError::Cv(cv));
        }
        let service_s = LogNormal::from_mean_cv(mean_s, cv).map_err(|_| ProfileError::Cv(cv))?;
        Ok(Self { slots, service_s, seed })
    }

    /// Requests in service at once on one instance.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Of the draws of one instance.
    pub(crate) fn seed_of(&self, instance_id: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, instance_id).hash(&mut hasher);
        hasher.finish()
    }

    /// Of how long a request is served.
    pub(crate) fn service_s(&self) -> LogNormal<f64> {
        self.service_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_that_describes_no_machine_is_refused() {
        assert_eq!(Profile::new(0, 0.4, 0.0, 1), Err(ProfileError::Slots(0)));
        assert_eq!(Profile::new(8, 0.0, 0.0, 1), Err(ProfileError::Mean(0.0)));
        assert!(matches!(Profile::new(8, f64::NAN, 0.0, 1), Err(ProfileError::Mean(_))));
        assert_eq!(Profile::new(8, 0.4, -0.1, 1), Err(ProfileError::Cv(-0.1)));
    }
}
