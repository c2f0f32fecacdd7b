//! Response times of a station with several slots, first come first served: Erlang's formulas.

/// The utilisation above which the formulas are not taken: there the queue is the backlog's business.
const MOST_UTILISATION: f64 = 0.97;

/// The service time's distribution: exponential, or a mixture of two exponentials where it varies more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Service {
    phases: [Phase; 2],
    mean_s: f64,
    /// By how much the mean wait exceeds that of exponential service: Allen-Cunneen's `(1 + cv^2) / 2`.
    wait_factor: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Phase {
    share: f64,
    per_s: f64,
}

impl Service {
    /// A service time of this mean in seconds and coefficient of variation; one below 1 is taken as 1.
    ///
    /// The mixture is hyperexponential with balanced means (Whitt, 1982): both phases carry half of the work.
    pub fn new(mean_s: f64, cv: f64) -> Self {
        let squared = cv.max(1.0).powi(2);
        let share = f64::midpoint(1.0, ((squared - 1.0) / (squared + 1.0)).sqrt());
        let phase = |share: f64| Phase { share, per_s: 2.0 * share / mean_s };
        Self { phases: [phase(share), phase(1.0 - share)], mean_s, wait_factor: f64::midpoint(1.0, squared) }
    }

    /// The response time where `slots` slots are used to `utilisation`.
    pub fn response(&self, slots: u32, utilisation: f64) -> Response {
        let utilisation = utilisation.min(MOST_UTILISATION);
        let spare_per_s = f64::from(slots) * (1.0 - utilisation) / self.mean_s;
        Response {
            phases: self.phases,
            waits: waiting_probability(slots, utilisation),
            drains_per_s: spare_per_s / self.wait_factor,
        }
    }
}

/// The distribution of one response time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response {
    phases: [Phase; 2],
    /// The probability to wait at all.
    waits: f64,
    /// The rate of the wait's exponential tail, `theta`.
    drains_per_s: f64,
}

impl Response {
    /// The 95th percentile of an exponential service of mean 1 that never waits.
    pub const P95_OF_SERVICE: f64 = 2.995_732_273_553_991;

    /// The 95th percentile in seconds, to a millionth of itself: by halving.
    pub fn p95_s(&self) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        while self.slower_than(high) > 0.05 {
            (low, high) = (high, 2.0 * high);
        }
        while high - low > 1e-6 * high {
            let middle = f64::midpoint(low, high);
            if self.slower_than(middle) > 0.05 { low = middle } else { high = middle }
        }
        high
    }

    /// The probability that a response takes longer than `t_s`.
    ///
    /// `P(R > t) = (1 - C) e^(-mu t) + C (theta e^(-mu t) - mu e^(-theta t)) / (theta - mu)`, written so that
    /// nothing is lost where `theta` is near `mu`, which is at a utilisation of 7/8 with eight slots.
    pub fn slower_than(&self, t_s: f64) -> f64 {
        if t_s <= 0.0 {
            return 1.0;
        }
        let phases = self.phases.iter().filter(|phase| phase.share > 0.0);
        phases.map(|phase| phase.share * self.phase_slower_than(phase.per_s, t_s)).sum()
    }

    fn phase_slower_than(&self, mu: f64, t_s: f64) -> f64 {
        let waited_s = t_s * mean_decay((self.drains_per_s - mu) * t_s);
        (-mu * t_s).exp() * (1.0 + self.waits * mu * waited_s)
    }
}

/// `(1 - e^-x) / x`, by its series where the quotient would lose digits. (`exp_m1` is five times as slow.)
fn mean_decay(x: f64) -> f64 {
    if x.abs() < 1e-3 { 1.0 - x / 2.0 + x * x / 6.0 } else { (1.0 - (-x).exp()) / x }
}

/// Erlang C: the probability that all slots are busy, so that a request waits. Infinite queue, `utilisation < 1`.
///
/// By the recursion of Erlang B, `B_k = a B_(k-1) / (k + a B_(k-1))`, of which the reciprocal needs no division,
/// then `C = B / (1 - rho (1 - B))`.
pub fn waiting_probability(slots: u32, utilisation: f64) -> f64 {
    let per_offered = 1.0 / (utilisation * f64::from(slots));
    let blocked = 1.0 / (1..=slots).fold(1.0, |inverse, k| 1.0 + inverse * f64::from(k) * per_offered);
    blocked / (1.0 - utilisation * (1.0 - blocked))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p95_s(service: Service, utilisation: f64) -> f64 {
        service.response(8, utilisation).p95_s()
    }

    #[test]
    fn one_slot_is_the_textbooks_queue() {
        // M/M/1: every busy arrival waits, and the response time is exponential with rate mu - lambda.
        assert!((waiting_probability(1, 0.6) - 0.6).abs() < 1e-12);
        let response = Service::new(0.5, 1.0).response(1, 0.6);
        assert!((response.slower_than(2.0) - (-0.8f64 * 2.0).exp()).abs() < 1e-12);
    }

    #[test]
    fn the_latency_is_flat_and_then_a_cliff() {
        let service = Service::new(0.4, 1.0);
        assert!((p95_s(service, 0.1) - 1.20).abs() < 0.01);
        assert!(p95_s(service, 0.8) < 1.41);
        assert!((p95_s(service, 0.945) - 3.0).abs() < 0.1);
    }

    #[test]
    fn the_formula_is_continuous_where_it_is_singular() {
        let service = Service::new(0.4, 1.0);
        let around = [0.875 - 1e-7, 0.875, 0.875 + 1e-7].map(|u| service.response(8, u).slower_than(2.0));
        assert!((around[0] - around[1]).abs() < 1e-6 && (around[2] - around[1]).abs() < 1e-6);
    }

    #[test]
    fn a_service_that_varies_more_keeps_its_mean_and_has_its_variance() {
        let service = Service::new(0.4, 1.5);
        let mean: f64 = service.phases.iter().map(|p| p.share / p.per_s).sum();
        let square: f64 = service.phases.iter().map(|p| 2.0 * p.share / p.per_s.powi(2)).sum();
        assert!((mean - 0.4).abs() < 1e-12);
        assert!((square / mean.powi(2) - 1.0 - 2.25).abs() < 1e-9);
        assert!(p95_s(service, 0.9) > p95_s(Service::new(0.4, 1.0), 0.9));
    }
}
