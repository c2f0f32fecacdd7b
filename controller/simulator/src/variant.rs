//! Other worlds than the standard one, each by the name of what differs. Several may hold at once.

use crate::plant::{Boot, Metrics, Plant, Routing, WarmPool};

/// A difference from the standard world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Metrics of 10 s, seen 10 s after their end: a metric of one's own instead of the load balancer's.
    Metrics10s,
    /// Launches from a warm pool take 25 s in the median. What stands by is billed.
    WarmPool,
    /// The service time's coefficient of variation is 1.5.
    ServiceCv1_5,
    /// The load balancer sends a request to the instance with the fewest outstanding.
    LeastOutstanding,
    /// The policy is told what an instance serves.
    CurveGiven,
}

/// A stopped instance pays for its disk: 20 GB of gp3 at $0.08 a GB and month beside an m7i.large's $73.6 a month.
const STOPPED_SHARE: f64 = 0.022;
/// Instances prepared: what the busy minute of a scaled trace needs, and half as many again.
const PREPARED: u32 = 24;

impl Variant {
    /// Every variant.
    pub const ALL: &[Self] =
        &[Self::Metrics10s, Self::WarmPool, Self::ServiceCv1_5, Self::LeastOutstanding, Self::CurveGiven];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Metrics10s => "metrics-10s",
            Self::WarmPool => "warm-pool",
            Self::ServiceCv1_5 => "service-cv-1.5",
            Self::LeastOutstanding => "least-outstanding",
            Self::CurveGiven => "curve-given",
        }
    }

    /// The plant with this difference.
    #[must_use]
    pub fn of(self, plant: Plant) -> Plant {
        match self {
            Self::Metrics10s => Plant { metrics: Metrics { period_s: 10.0, delay_s: 10.0 }, ..plant },
            Self::WarmPool => Plant {
                warm_pool: Some(WarmPool {
                    prepared: PREPARED,
                    boot: Boot { median_s: 25.0, p90_s: 40.0 },
                    standby_share: STOPPED_SHARE,
                }),
                ..plant
            },
            Self::ServiceCv1_5 => Plant { service_cv: 1.5, ..plant },
            Self::LeastOutstanding => Plant { routing: Routing::LeastOutstanding, ..plant },
            Self::CurveGiven => plant,
        }
    }
}
