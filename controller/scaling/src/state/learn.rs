//! What each observation, and each decision, leaves in the state.

use super::{MOST_DELAY_S, State};
use crate::candidate::guard;
use crate::decision::{Action, Decision, Notice, Reason};
use crate::demand::Demand;
use crate::forecast::Aim;
use crate::observation::{Datapoint, Fleet, Observation};
use crate::policy::Policy;

/// Of a new datapoint's delay in the average.
const DELAY_WEIGHT: f64 = 0.1;
/// Instances that have not come after so many boots' time (the p90) are not waited for.
const PATIENCE_BOOTS: f64 = 3.0;

impl State {
    /// Takes in what is new, before anything is decided.
    pub(crate) fn learn(&mut self, policy: &Policy, observation: &Observation) -> Vec<Notice> {
        let mut notices = Vec::new();
        self.note_delay(observation);
        self.forget(observation.at);
        let mut new: Vec<_> = observation.datapoints.iter().collect();
        new.sort_by(|a, b| a.at.total_cmp(&b.at));
        for datapoint in new {
            if self.history.file(datapoint) {
                self.capacity.learn(datapoint, &self.history, policy.objective_p95_s);
                notices.extend(self.learn_latency(policy, datapoint));
                self.learn_level(policy, datapoint);
                self.learn_demand(policy, datapoint);
            } else {
                notices.push(Notice::DatapointRefused { at: datapoint.at });
            }
        }
        if let Some(fleet) = &observation.fleet {
            notices.extend(self.see(policy, fleet, observation.at));
        }
        notices
    }

    fn note_delay(&mut self, observation: &Observation) {
        let ended_at =
            observation.datapoints.iter().map(Datapoint::ended_at).fold(f64::NEG_INFINITY, f64::max);
        let delay_s = observation.at - ended_at;
        if (0.0..=MOST_DELAY_S).contains(&delay_s) {
            let known = self.delay_s.unwrap_or(delay_s);
            self.delay_s = Some(known + DELAY_WEIGHT * (delay_s - known));
        }
    }

    /// Only the newest period says how things are: a late one corrects what was.
    fn learn_level(&mut self, policy: &Policy, datapoint: &Datapoint) {
        let is_newest = self.history.newest().is_some_and(|newest| newest.at <= datapoint.at);
        let capacity_per_s = self.capacity_per_s(policy);
        if let (true, Some(rate), Some(capacity_per_s), Some(demand)) =
            (is_newest, datapoint.requests_per_s, capacity_per_s, Demand::of(&self.history))
        {
            self.level.learn(&demand, rate, datapoint.period_s, capacity_per_s);
        }
    }

    /// What adding, and giving up, did to the latency.
    fn learn_latency(&mut self, policy: &Policy, datapoint: &Datapoint) -> Option<Notice> {
        let objective_p95_s = policy.objective_p95_s;
        self.trials.learn(datapoint, guard::slowness_s(datapoint), objective_p95_s);
        let critical_per_s = self.critical_per_s(policy);
        self.guard.learn(datapoint, objective_p95_s, critical_per_s, self.unsettled_at)
    }

    /// Books a datapoint's slowness, and learns the demand from what it proves: its own count, and of the period
    /// before, if that still lacks one, that nobody asked. A lack in the newest period may only be late.
    fn learn_demand(&mut self, policy: &Policy, datapoint: &Datapoint) {
        self.budget.spend(datapoint, guard::slowness_s(datapoint), policy.objective_p95_s);
        let before = self.history.before(datapoint.at);
        if let Some(quiet) = before.filter(|before| before.is_quiet()).cloned() {
            self.follow(policy, &quiet, 0.0);
        }
        if let Some(requests_per_s) = datapoint.requests_per_s {
            self.follow(policy, datapoint, requests_per_s);
        }
    }

    /// Forecasts from a rate, and learns what became of earlier forecasts.
    fn follow(&mut self, policy: &Policy, datapoint: &Datapoint, requests_per_s: f64) {
        let Some(capacity_per_s) = self.capacity_per_s(policy) else {
            return;
        };
        if let Some(before) = self.history.before(datapoint.at) {
            self.curve.learn(before, datapoint, capacity_per_s, policy.objective_p95_s);
        }
        let Some(critical_per_s) = self.critical_per_s(policy) else { return };
        let lead_s = self.lead_s(policy);
        let aim = Aim { lead_s, critical_per_s, without: policy.left_out() };
        for resolved in self.forecaster.learn(datapoint, requests_per_s, aim) {
            self.budget.learn(resolved, lead_s);
        }
        let newest = self.forecaster.newest();
        let choices = newest.map(|outlook| self.budget.choices(outlook, datapoint.period_s));
        self.forecaster.chose(&choices.unwrap_or_default());
    }

    fn see(&mut self, policy: &Policy, fleet: &Fleet, now: f64) -> Option<Notice> {
        for boot_s in &fleet.boots_s {
            self.boots.record(*boot_s);
        }
        if let Some(price) = policy.price_per_instance_hour {
            self.spending.note(now, fleet.in_service.saturating_add(fleet.pending), price);
        }
        self.trials.see(fleet.desired);
        self.await_instances(policy, fleet, now);
        let known = [self.last_seen, self.last_decided];
        let foreign = known.iter().flatten().next().is_some() && !known.contains(&Some(fleet.desired));
        let expected = self.last_decided.or(self.last_seen);
        self.last_seen = Some(fleet.desired);
        expected.filter(|_| foreign).map(|expected| Notice::ForeignChange { expected, found: fleet.desired })
    }

    /// A fleet that is short of instances is about to change, but not for ever: one that never comes, in a zone
    /// without capacity or in a crash loop, must not keep the others from being helped.
    fn await_instances(&mut self, policy: &Policy, fleet: &Fleet, now: f64) {
        if fleet.pending == 0 && fleet.in_service >= fleet.desired {
            self.short_since = None;
            return;
        }
        let since = *self.short_since.get_or_insert(now);
        if now - since <= PATIENCE_BOOTS * self.boot_s(policy) {
            self.unsettled_at = Some(now);
        }
    }

    /// Takes in what was decided.
    pub(crate) fn remember(&mut self, decision: &Decision) {
        self.last_decided = decision.desired.or(self.last_decided);
        match decision.action {
            Action::ScaleOut => {
                self.unsettled_at = Some(decision.at);
                self.short_since = Some(decision.at);
                if decision.reason == Reason::DemandForecast {
                    self.surplus.grew(self.level.number());
                }
                self.trials.grew();
            }
            Action::ScaleIn => {
                self.scaled_in_at = Some(decision.at);
                self.surplus.shrunk(self.level.number());
            }
            Action::Hold => {}
        }
        match decision.reason {
            Reason::LatencyBreach => self.guard.stepped(decision.current),
            Reason::ScaleInTrial => self.trials.begin(decision.at, decision.current.unwrap_or(0)),
            _ => {}
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "rounded")]
mod tests {
    use super::*;
    use crate::policy::Settings;

    /// The demand that the newest outlook was drawn from, after minutes of these rates.
    fn followed(minutes: &[Option<f64>]) -> f64 {
        let policy =
            Policy::try_from(Settings { instance_capacity_per_s: Some(20.0), ..Settings::default() })
                .unwrap();
        let mut state = State::default();
        for (minute, requests_per_s) in minutes.iter().enumerate() {
            let at = 60.0 * minute as f64;
            let datapoint = Datapoint {
                at,
                period_s: 60.0,
                requests_per_s: *requests_per_s,
                healthy: Some(4.0),
                ..Datapoint::default()
            };
            state.learn(&policy, &Observation { at: at + 70.0, fleet: None, datapoints: vec![datapoint] });
        }
        state.forecaster.newest().unwrap().now_per_s.round()
    }

    #[test]
    fn a_lack_of_requests_is_believed_when_a_later_period_confirms_it() {
        let busy = Some(60.0);
        assert_eq!(followed(&[busy, busy, None]), 60.0);
        assert!(followed(&[busy, busy, None, None]) < 1.0);
        assert_eq!(followed(&[busy, None, busy]), 60.0);
    }
}
