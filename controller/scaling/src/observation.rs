//! What is known at one instant: the group as AWS describes it, and the datapoints that are new.

use serde::{Deserialize, Serialize};

/// The share of requests that take longer than the p95.
pub(crate) const BEYOND_P95: f64 = 0.05;

/// Everything that a decision may look at, besides what the state remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// The instant of the observation: Unix time in seconds.
    pub at: f64,
    /// The group, or nothing where AWS did not answer. Nothing is then assumed, and the decision is to hold.
    #[serde(default)]
    pub fleet: Option<Fleet>,
    /// Datapoints that are new, or corrected, since the last observation; in any order.
    #[serde(default)]
    pub datapoints: Vec<Datapoint>,
}

/// The Auto Scaling group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fleet {
    /// Desired capacity, in instances.
    pub desired: u32,
    /// Instances that are `InService`.
    pub in_service: u32,
    /// Instances that are on their way: `Pending` in any of its forms.
    pub pending: u32,
    /// The group's minimum size.
    pub min: u32,
    /// The group's maximum size.
    pub max: u32,
    /// Seconds from launch to in service, for each boot completed since the last observation.
    #[serde(default)]
    pub boots_s: Vec<f64>,
}

/// One period of the load balancer's metrics, summed over the group's target groups; the latency is that of the
/// target group that has the objective. A value that CloudWatch does not have is absent, never zero.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Datapoint {
    /// The period's start, as CloudWatch stamps it: Unix time in seconds.
    pub at: f64,
    /// The period's length in seconds.
    pub period_s: f64,
    /// Requests that arrived per second, those included that were shed or refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_s: Option<f64>,
    /// Those of them that were for the target group which has the objective; absent where all were. Zero, beside
    /// requests for other target groups, tells that nobody's latency was at stake; `samples` cannot tell that, since
    /// a target group whose requests all hang has no response to time either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective_requests_per_s: Option<f64>,
    /// The 95th percentile of the response time in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_p95_s: Option<f64>,
    /// Responses that were timed within the period, of all target groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<f64>,
    /// Requests per second that were shed, refused or answered with a 5xx.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_per_s: Option<f64>,
    /// Mean CPU utilisation of the group's instances, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<f64>,
    /// Instances in service in that period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_service: Option<f64>,
    /// Healthy targets in that period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub healthy: Option<f64>,
}

impl Datapoint {
    /// The instant at which the period ended.
    pub fn ended_at(&self) -> f64 {
        self.at + self.period_s
    }

    /// Instances that served in the period: healthy targets where known, else instances in service.
    pub fn serving(&self) -> Option<f64> {
        self.healthy.or(self.in_service).filter(|n| *n >= 1.0)
    }

    /// Responses per second, as far as the load balancer timed them.
    pub(crate) fn completed_per_s(&self) -> Option<f64> {
        self.samples.map(|samples| samples / self.period_s)
    }

    /// Whether a share of requests worth acting on failed: more than one in a thousand.
    ///
    /// A lone failed request in a busy minute is within the success target of 99.95 % only by luck, and yet no
    /// reason to hold a whole fleet up.
    pub(crate) fn failing(&self) -> bool {
        let failed = self.failed_per_s.unwrap_or(0.0);
        failed > 0.001 * self.requests_per_s.unwrap_or(0.0)
    }

    /// Healthy targets reported, and no request counted: nobody asks, if the count is not late.
    pub(crate) fn is_quiet(&self) -> bool {
        is_none_counted(self.requests_per_s) && is_none_counted(self.samples) && self.is_healthy()
    }

    /// Likewise of the target group that has the objective, whatever the others are asked for.
    pub(crate) fn is_objective_quiet(&self) -> bool {
        let is_unasked = self.objective_requests_per_s.is_some_and(|rate| is_none_counted(Some(rate)));
        (is_unasked && self.is_healthy()) || self.is_quiet()
    }

    fn is_healthy(&self) -> bool {
        self.healthy.is_some_and(|healthy| healthy >= 1.0)
    }

    /// A datapoint is usable if its numbers are: finite, not negative, of a period from a second to a day, and none
    /// so large that sums of it would not be numbers.
    pub(crate) fn is_sane(&self) -> bool {
        let values = [
            self.requests_per_s,
            self.objective_requests_per_s,
            self.latency_p95_s,
            self.samples,
            self.failed_per_s,
            self.cpu_percent,
            self.in_service,
            self.healthy,
        ];
        self.at.is_finite()
            && self.period_s.is_finite()
            && (1.0..=86_400.0).contains(&self.period_s)
            && values.iter().flatten().all(|v| (0.0..=1e12).contains(v))
    }
}

fn is_none_counted(count: Option<f64>) -> bool {
    count.is_none_or(|count| count <= 0.0)
}

/// How well a metric is known at the instant of the decision.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Reading {
    /// A recent value.
    Fresh {
        /// In the metric's own unit.
        value: f64,
        /// Seconds since the end of the value's period.
        age_s: f64,
        /// Responses behind the value, where the load balancer counted them.
        samples: Option<f64>,
    },
    /// The targets report that they are healthy, and nobody asks them for anything.
    NoTraffic {
        /// Seconds since the end of the period that had no traffic.
        age_s: f64,
    },
    /// There was a value, but it is too old to be trusted.
    Stale {
        /// Seconds since the end of the last value's period.
        age_s: f64,
    },
    /// There is no value.
    Missing,
}

impl Reading {
    /// The value, if it is fresh.
    pub fn fresh(&self) -> Option<f64> {
        match self {
            Self::Fresh { value, .. } => Some(*value),
            _ => None,
        }
    }

    /// Whether the fleet may be shrunk on this reading: it is recent, or there is provably no traffic.
    pub fn permits_shrinking(&self) -> bool {
        matches!(self, Self::Fresh { .. } | Self::NoTraffic { .. })
    }
}
