//! The parameters of the simulated world. [`Plant::default`] is the standard plant that policies are compared on.

use std::ops::RangeInclusive;

/// What an instance is, how it boots, what the metrics tell and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Plant {
    /// Requests that an instance serves at once; at least 1.
    pub slots: u32,
    /// The mean service time in seconds.
    pub service_s: f64,
    /// The service time's coefficient of variation: 1 is exponential; at least 1.
    pub service_cv: f64,
    /// How requests find an instance.
    pub routing: Routing,
    /// CPU utilisation in percent of an instance whose slots are all busy.
    pub cpu_at_capacity_percent: f64,
    /// A request is slow, and a minute violating by its p95, above this many seconds.
    pub objective_s: f64,
    /// A backlog that the fleet could not serve within this many seconds is lost.
    pub patience_s: f64,
    /// The group's minimum and maximum size, in instances.
    pub bounds: RangeInclusive<u32>,
    /// Launch to serving.
    pub boot: Boot,
    /// Started instances that stand by, so that a launch need not boot from nothing.
    pub warm_pool: Option<WarmPool>,
    /// What goes wrong with launches.
    pub faults: Faults,
    /// An instance that leaves is billed for this many seconds more, in which it finishes what it has begun.
    pub drain_s: f64,
    /// Length and delay of the metrics' periods.
    pub metrics: Metrics,
}

/// How the load balancer chooses an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Routing {
    /// Any instance, with equal chance: the even split that the Erlang formulas assume.
    Random,
    /// Each in turn.
    RoundRobin,
    /// The one with the fewest requests outstanding.
    LeastOutstanding,
}

/// Boot times are lognormal: most are near the median, some take much longer, none is negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Boot {
    /// In seconds.
    pub median_s: f64,
    /// The 90th percentile in seconds; above the median.
    pub p90_s: f64,
}

/// A group's warm pool.
///
/// Its size is AWS's: the most prepared instances less the desired capacity. It is full at once when the group shrinks,
/// because instances return to it (the reuse policy `ReuseOnScaleIn`, which `infra` sets); without that policy AWS would
/// boot a new one for each. An instance that is stopping, and the boots that fill the pool at first, cost nothing here.
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html>
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WarmPool {
    /// Instances kept prepared, those in the group included. Launches beyond it boot from nothing.
    pub prepared: u32,
    /// How long an instance that stood by boots.
    pub boot: Boot,
    /// What one that stands by costs, as a share of one that runs. A stopped one pays for its disk alone.
    pub standby_share: f64,
}

/// How launches fail. By default they do not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Faults {
    /// The probability that EC2 has no capacity for a launch.
    pub refused_share: f64,
    /// Seconds from a refused launch to the group's next attempt. Amazon documents that the group keeps trying and
    /// not how often; activity histories in support threads show attempts a minute or so apart at first.
    pub retry_s: f64,
    /// The probability that an instance boots and then fails its load balancer's health checks.
    pub unhealthy_share: f64,
    /// Seconds that such an instance is in service before it is replaced: the health check grace period, which
    /// begins when the instance is in service; 300 s in Amazon's console.
    /// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-check-grace-period.html>
    pub grace_s: f64,
}

impl Default for Faults {
    fn default() -> Self {
        Self { refused_share: 0.0, retry_s: 60.0, unhealthy_share: 0.0, grace_s: 300.0 }
    }
}

/// When the world is told what happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metrics {
    /// A period's length in seconds: a divisor or a multiple of 60 that is a multiple of [`STEP_S`].
    pub period_s: f64,
    /// Seconds from a period's end until it can be read.
    pub delay_s: f64,
}

/// The world moves in steps of this many seconds.
pub const STEP_S: f64 = 10.0;
/// Steps a minute.
pub const STEPS_PER_MIN: usize = 6;

impl Plant {
    /// Requests per second that one instance serves when all its slots are busy.
    pub fn capacity_per_s(&self) -> f64 {
        f64::from(self.slots) / self.service_s
    }

    /// The fewest instances that serve `requests_per_s` at 70 % utilisation, within the group's bounds.
    pub fn sized_for(&self, requests_per_s: f64) -> u32 {
        self.clamp((requests_per_s / (0.7 * self.capacity_per_s())).ceil() as u32)
    }

    /// `instances`, or the bound that it exceeds.
    pub fn clamp(&self, instances: u32) -> u32 {
        instances.clamp(*self.bounds.start(), *self.bounds.end())
    }
}

impl Default for Plant {
    fn default() -> Self {
        Self {
            slots: 8,
            service_s: 0.4,
            service_cv: 1.0,
            routing: Routing::Random,
            cpu_at_capacity_percent: 100.0,
            objective_s: 3.0,
            patience_s: 60.0,
            bounds: 2..=40,
            boot: Boot { median_s: 150.0, p90_s: 240.0 },
            warm_pool: None,
            faults: Faults::default(),
            drain_s: 60.0,
            metrics: Metrics { period_s: 60.0, delay_s: 60.0 },
        }
    }
}

impl Boot {
    /// The standard deviation of the boot time's logarithm.
    pub fn sigma(&self) -> f64 {
        /// The standard normal's 90th percentile.
        const Z90: f64 = 1.281_551_565_545;
        (self.p90_s / self.median_s).ln() / Z90
    }

    /// The mean boot time in seconds.
    pub fn mean_s(&self) -> f64 {
        self.median_s * (self.sigma().powi(2) / 2.0).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_boot_takes_160_s_on_average() {
        assert!((Plant::default().boot.mean_s() - 160.4).abs() < 0.1);
    }
}
