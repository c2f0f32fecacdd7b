//! How long a request is served, and how long until the next comes: draws of time.

use rand::rngs::SmallRng;
use rand_distr::{Distribution, Exp1, LogNormal};

use crate::plant::Plant;

/// A service time's distribution.
#[derive(Debug)]
pub(super) enum ServiceTime {
    Exponential { mean_s: f64 },
    LogNormal(LogNormal<f64>),
}

impl ServiceTime {
    /// Exponential, or lognormal where the coefficient of variation is not 1.
    pub(super) fn of(plant: &Plant) -> Self {
        let exponential = Self::Exponential { mean_s: plant.service_s };
        if (plant.service_cv - 1.0).abs() < 1e-9 {
            return exponential;
        }
        LogNormal::from_mean_cv(plant.service_s, plant.service_cv).map_or(exponential, Self::LogNormal)
    }

    pub(super) fn draw(&self, random: &mut SmallRng) -> f64 {
        match self {
            Self::Exponential { mean_s } => mean_s * exponential(random),
            Self::LogNormal(distribution) => distribution.sample(random),
        }
    }
}

/// An exponential draw of mean 1.
pub(super) fn exponential(random: &mut SmallRng) -> f64 {
    Exp1.sample(random)
}
