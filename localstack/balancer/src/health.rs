//! Health checks of one target in one target group. They bypass the profile's slots: on a real machine too, a check
//! is a trifle beside the requests.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};

use crate::{
    fact::{Health, UnhealthyReason},
    proxy::{Tasks, connector},
    table::{HealthCheck, Target, TargetState},
};

/// Asks targets for their health, each time on a new connection, as the real one does.
#[derive(Debug, Clone)]
pub(crate) struct Prober(Client<HttpConnector, Empty<Bytes>>);

/// The checks of one target: one at once, then one at each interval.
#[derive(Debug)]
pub(crate) struct Checks {
    prober: Prober,
    address: SocketAddr,
    check: HealthCheck,
    verdict: Verdict,
    ticks: Interval,
}

/// What consecutive checks add up to.
#[derive(Debug)]
struct Verdict {
    state: TargetState,
    /// Consecutive outcomes that contradict the state.
    contradictions: u32,
    healthy_threshold: u32,
    unhealthy_threshold: u32,
}

impl Prober {
    pub(crate) fn new(tasks: Tasks) -> Self {
        Self(Client::builder(tasks).pool_max_idle_per_host(0).build(connector(None)))
    }

    async fn probe(&self, address: SocketAddr, check: &HealthCheck) -> Result<(), UnhealthyReason> {
        timeout(check.timeout, self.ask(address, check)).await.unwrap_or(Err(UnhealthyReason::Timeout))
    }

    async fn ask(&self, address: SocketAddr, check: &HealthCheck) -> Result<(), UnhealthyReason> {
        let request = Request::get(format!("http://{address}{}", check.path))
            .header(header::USER_AGENT, HeaderValue::from_static("ELB-HealthChecker/2.0"))
            .header(header::CONNECTION, HeaderValue::from_static("close"))
            .body(Empty::new())
            .map_err(|_| UnhealthyReason::FailedHealthChecks)?;
        let response = self.0.request(request).await.map_err(|_| UnhealthyReason::FailedHealthChecks)?;
        let status = response.status();
        response.into_body().collect().await.map_err(|_| UnhealthyReason::FailedHealthChecks)?;
        let accepted = check.matcher.accepts(status.as_u16());
        accepted.then_some(()).ok_or(UnhealthyReason::ResponseCodeMismatch)
    }
}

impl Checks {
    /// They begin with the state that the target's owner believes in; only a change of it is told.
    pub(crate) fn new(prober: Prober, target: &Target, check: &HealthCheck) -> Self {
        let mut ticks = interval(check.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let verdict = Verdict::new(target.state, check);
        Self { prober, address: target.address, check: check.clone(), verdict, ticks }
    }

    /// Checks until the verdict changes.
    pub(crate) async fn next_change(&mut self) -> Health {
        loop {
            self.ticks.tick().await;
            let outcome = self.prober.probe(self.address, &self.check).await;
            if let Some(health) = self.verdict.observe(outcome) {
                return health;
            }
        }
    }
}

impl Verdict {
    fn new(state: TargetState, check: &HealthCheck) -> Self {
        Self {
            state,
            contradictions: 0,
            healthy_threshold: check.healthy_threshold,
            unhealthy_threshold: check.unhealthy_threshold,
        }
    }

    /// The new verdict, if this outcome changes it. A new target is healthy after one success, as on AWS.
    fn observe(&mut self, outcome: Result<(), UnhealthyReason>) -> Option<Health> {
        let (health, next, threshold) = match (outcome, self.state) {
            (Ok(()), TargetState::Initial) => (Health::Healthy, TargetState::Healthy, 1),
            (Ok(()), _) => (Health::Healthy, TargetState::Healthy, self.healthy_threshold),
            (Err(reason), _) => (Health::Unhealthy(reason), TargetState::Unhealthy, self.unhealthy_threshold),
        };
        self.contradictions = if next == self.state { 0 } else { self.contradictions + 1 };
        if self.contradictions == 0 || self.contradictions < threshold {
            return None;
        }
        self.state = next;
        self.contradictions = 0;
        Some(health)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn check() -> HealthCheck {
        HealthCheck {
            path: "/health/ready".to_owned(),
            interval: Duration::from_secs(5),
            timeout: Duration::from_secs(2),
            healthy_threshold: 3,
            unhealthy_threshold: 2,
            matcher: "200".parse().unwrap(),
        }
    }

    /// Outcomes as `+` and `-`; verdicts as `H`, `U`, and `.` for no change.
    fn verdicts(state: TargetState, outcomes: &str) -> String {
        let mut verdict = Verdict::new(state, &check());
        let observe = |outcome| {
            let outcome = if outcome == '+' { Ok(()) } else { Err(UnhealthyReason::Timeout) };
            match verdict.observe(outcome) {
                None => '.',
                Some(Health::Healthy) => 'H',
                Some(Health::Unhealthy(_)) => 'U',
            }
        };
        outcomes.chars().map(observe).collect()
    }

    #[test]
    fn a_verdict_changes_after_its_threshold_and_is_told_once() {
        use TargetState::{Healthy, Initial, Unhealthy};
        for (state, outcomes, expected) in [
            (Initial, "+++", "H.."),
            (Initial, "-+", ".H"),
            (Initial, "---+++", ".U...H"),
            (Healthy, "+-+-+--+", "......U."),
            (Unhealthy, "++-+++-", ".....H."),
        ] {
            assert_eq!(verdicts(state, outcomes), expected, "{state:?} {outcomes}");
        }
    }
}
