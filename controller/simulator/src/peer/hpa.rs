//! Kubernetes' horizontal autoscaler on the request rate.
//! <https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details>

use std::collections::VecDeque;

use scaling::Observation;

use crate::policy::Policy;

/// No change while the metric is this near to its target, as a share of it.
const TOLERANCE: f64 = 0.1;
/// Scaling in takes the highest recommendation of so many seconds.
const STABILIZATION_S: f64 = 300.0;
/// Within a tick the fleet at most doubles, or grows by four: the defaults of `behavior.scaleUp`. (Without any `behavior`
/// Kubernetes caps a fleet of two at four instead of six.)
const FASTEST: (u32, u32) = (2, 4);

/// An external metric with an average value: so many requests per second and replica.
#[derive(Debug)]
pub struct Hpa {
    per_replica: f64,
    min: u32,
    requests_per_s: Option<f64>,
    recommended: VecDeque<(f64, u32)>,
}

impl Hpa {
    /// A target in requests per second and replica, and a minimum.
    pub fn new(per_replica: f64, min: u32) -> Self {
        Self { per_replica, min, requests_per_s: None, recommended: VecDeque::new() }
    }

    /// What the metric alone asks for.
    fn recommendation(&self, requests_per_s: f64, replicas: u32) -> u32 {
        let ratio = requests_per_s / (self.per_replica * f64::from(replicas));
        let within = (ratio - 1.0).abs() <= TOLERANCE;
        if within { replicas } else { (requests_per_s / self.per_replica).ceil() as u32 }
    }

    fn stabilized(&mut self, now: f64, recommendation: u32) -> u32 {
        // One that is exactly as old as the window still counts: `stabilizeRecommendation` in Kubernetes'
        // pkg/controller/podautoscaler/horizontal.go drops what lies before the window's start.
        while self.recommended.front().is_some_and(|(at, _)| now - at > STABILIZATION_S) {
            self.recommended.pop_front();
        }
        self.recommended.push_back((now, recommendation));
        self.recommended.iter().map(|(_, count)| *count).max().unwrap_or(recommendation)
    }
}

impl Policy for Hpa {
    fn tick_s(&self) -> f64 {
        15.0
    }

    fn desired(&mut self, observation: &Observation) -> u32 {
        let Some(fleet) = &observation.fleet else { return 0 };
        let newest = observation.datapoints.iter().rev().find_map(|d| d.requests_per_s);
        self.requests_per_s = newest.or(self.requests_per_s);
        let Some(requests_per_s) = self.requests_per_s else { return fleet.desired.max(self.min) };
        let recommendation = self.recommendation(requests_per_s, fleet.desired);
        let highest = self.stabilized(observation.at, recommendation);
        let wanted = if recommendation > fleet.desired { recommendation } else { highest.min(fleet.desired) };
        let most = (fleet.desired * FASTEST.0).max(fleet.desired + FASTEST.1);
        wanted.min(most).max(self.min)
    }
}
