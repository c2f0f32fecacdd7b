//! The metrics that the peers scale on.

use scaling::Datapoint;

/// A metric of the load per instance, or of its consequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Requests per second and target: `ALBRequestCountPerTarget`, of a second.
    RequestsPerTarget,
    /// The 95th percentile of `TargetResponseTime` in seconds.
    LatencyP95,
    /// `CPUUtilization` in percent.
    Cpu,
}

impl Metric {
    /// The metric's value in a datapoint.
    pub fn of(self, datapoint: &Datapoint) -> Option<f64> {
        match self {
            Self::RequestsPerTarget => Some(datapoint.requests_per_s? / datapoint.serving()?),
            Self::LatencyP95 => datapoint.latency_p95_s,
            Self::Cpu => datapoint.cpu_percent,
        }
    }
}
