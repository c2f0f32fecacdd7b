//! Other worlds than the standard one, each by the name of what differs. Several may hold at once.

use crate::plant::{Boot, Faults, Metrics, Plant, Routing, WarmPool};
use crate::workload::BUSY_INSTANCES;

/// A difference from the standard world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Metrics of 10 s, seen 10 s after their end.
    Metrics10s,
    /// Launches from a warm pool.
    WarmPool,
    /// A service time that varies more.
    ServiceCv1_5,
    /// Another routing.
    LeastOutstanding,
    /// Launches that are refused.
    Refusals,
    /// Instances that fail their health checks.
    HealthChecks,
    /// The policy is told what an instance serves.
    CurveGiven,
    /// Every request an event.
    RequestsEngine,
}

/// A stopped instance pays for its disk alone, one that runs for both: what `infra` runs, 8 GiB of gp3 at $0.08 a month
/// each and a c7g.large at $0.0725 an hour, on demand in us-east-1.
const STOPPED_SHARE: f64 = DISK_A_MONTH / (DISK_A_MONTH + 0.0725 * HOURS_A_MONTH);
const DISK_A_MONTH: f64 = 8.0 * 0.08;
const HOURS_A_MONTH: f64 = 730.0;
/// Instances prepared: what the busy minute of a scaled trace needs. Rarer peaks boot from nothing.
const PREPARED: u32 = BUSY_INSTANCES as u32;
/// A pool that is short of capacity: three launches of ten are refused.
const REFUSED_SHARE: f64 = 0.3;
/// One instance of twenty comes up broken.
const UNHEALTHY_SHARE: f64 = 0.05;

impl Variant {
    /// Every variant.
    pub const ALL: &[Self] = &[
        Self::Metrics10s,
        Self::WarmPool,
        Self::ServiceCv1_5,
        Self::LeastOutstanding,
        Self::Refusals,
        Self::HealthChecks,
        Self::CurveGiven,
        Self::RequestsEngine,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Metrics10s => "metrics-10s",
            Self::WarmPool => "warm-pool",
            Self::ServiceCv1_5 => "service-cv-1.5",
            Self::LeastOutstanding => "least-outstanding",
            Self::Refusals => "refusals",
            Self::HealthChecks => "health-checks",
            Self::CurveGiven => "curve-given",
            Self::RequestsEngine => "requests-engine",
        }
    }

    /// What it is, for people who choose.
    pub fn help(self) -> &'static str {
        match self {
            Self::Metrics10s => {
                "metrics of 10 s, seen after 10 s: a custom metric instead of the load balancer's"
            }
            Self::WarmPool => {
                "16 instances prepared that boot in 25 s, billed at 1.2 % of a running one while stopped"
            }
            Self::ServiceCv1_5 => "the service time's coefficient of variation is 1.5 instead of 1",
            Self::LeastOutstanding => "requests go to the instance with the fewest outstanding",
            Self::Refusals => "3 of 10 launches are refused for lack of capacity, and tried again after 60 s",
            Self::HealthChecks => {
                "1 of 20 instances fails its health checks and is replaced after 300 s of grace"
            }
            Self::CurveGiven => "the policy is told what an instance serves, if it wants to know",
            Self::RequestsEngine => "every request is an event, instead of a formula",
        }
    }

    /// The plant with this difference.
    #[must_use]
    pub fn of(self, plant: Plant) -> Plant {
        match self {
            Self::Metrics10s => Plant { metrics: Metrics { period_s: 10.0, delay_s: 10.0 }, ..plant },
            Self::WarmPool => Plant { warm_pool: Some(warm_pool()), ..plant },
            Self::ServiceCv1_5 => Plant { service_cv: 1.5, ..plant },
            Self::LeastOutstanding => Plant { routing: Routing::LeastOutstanding, ..plant },
            Self::Refusals => {
                Plant { faults: Faults { refused_share: REFUSED_SHARE, ..plant.faults }, ..plant }
            }
            Self::HealthChecks => {
                Plant { faults: Faults { unhealthy_share: UNHEALTHY_SHARE, ..plant.faults }, ..plant }
            }
            Self::CurveGiven | Self::RequestsEngine => plant,
        }
    }
}

fn warm_pool() -> WarmPool {
    let boot = Boot { median_s: 25.0, p90_s: 40.0 };
    WarmPool { prepared: PREPARED, boot, standby_share: STOPPED_SHARE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_hold_together() {
        let all = Variant::ALL.iter().fold(Plant::default(), |plant, variant| variant.of(plant));
        assert_eq!(
            (all.metrics.period_s, all.service_cv, all.routing),
            (10.0, 1.5, Routing::LeastOutstanding)
        );
        assert_eq!((all.faults.refused_share, all.faults.unhealthy_share), (REFUSED_SHARE, UNHEALTHY_SHARE));
        assert!(all.warm_pool.is_some());
    }

    #[test]
    fn the_help_states_the_share_and_the_size_that_are_billed() {
        let stated = format!(
            "{PREPARED} instances prepared that boot in 25 s, billed at {:.1} %",
            100.0 * STOPPED_SHARE
        );
        assert!(Variant::WarmPool.help().starts_with(&stated), "{stated}");
    }
}
