//! The sentences that an operator wants at night, rendered from the decision's data.

use std::fmt;

use crate::candidate::{Candidate, Source, Why};
use crate::decision::{Action, Decision, Limit, LimitKind, Notice, Reason};
use crate::observation::Reading;

impl Decision {
    /// One to three sentences: what is done, on which ground, and what bound it.
    pub fn explain(&self) -> String {
        let mut sentences = vec![format!("{}: {}.", self.headline(), self.ground())];
        sentences.extend(self.limits.iter().map(|limit| self.bound(limit)));
        sentences.extend(self.notices.iter().map(Notice::sentence));
        sentences.join(" ")
    }

    /// A limit, what of the money is spent, and what keeping to it risks.
    fn bound(&self, limit: &Limit) -> String {
        let spent = match (limit.kind, self.inputs.month_to_date) {
            (LimitKind::MonthlyBudget, Some(spent)) => format!(", of which ${spent} are spent"),
            _ => String::new(),
        };
        let risk =
            limit.risk.map(|risk| format!("; a chance of {:.1} % that it is too few is taken", 100.0 * risk));
        let (by, risk) = (limit.kind.phrase(), risk.unwrap_or_default());
        format!("Asked for {}, held to {} by {by}{spent}{risk}.", limit.asked, limit.allowed)
    }

    fn headline(&self) -> String {
        match (self.action, self.current, self.desired) {
            (Action::ScaleOut, Some(from), Some(to)) => format!("Scale out from {from} to {to}"),
            (Action::ScaleIn, Some(from), Some(to)) => format!("Scale in from {from} to {to}"),
            (_, Some(current), _) => format!("Hold at {current}"),
            _ => "Hold".to_owned(),
        }
    }

    fn ground(&self) -> String {
        let wait = self.holds_for_s.map(|s| format!(" (for another {s:.0} s)")).unwrap_or_default();
        format!("{}{wait}; {}", self.reason.phrase(), self.figures())
    }

    fn figures(&self) -> String {
        let forecast = self
            .candidates
            .iter()
            .find(|c| matches!(c.by, Source::FeedForward | Source::Forecast))
            .and_then(forecast);
        let p95 = format!("p95 {}", Latency(&self.inputs.latency_p95_s));
        let besides = self.candidates.iter().filter_map(besides);
        forecast.into_iter().chain(besides).chain([p95]).collect::<Vec<_>>().join("; ")
    }
}

/// What the calendar and the zone headroom need.
fn besides(candidate: &Candidate) -> Option<String> {
    let wants = candidate.wants?;
    match &candidate.why {
        Why::Announced { entry, starts_in_s, .. } if *starts_in_s > 0.0 => {
            Some(format!("\"{entry}\" begins in {starts_in_s:.0} s and needs {wants}"))
        }
        Why::Announced { entry, .. } => Some(format!("\"{entry}\" is on and needs {wants}")),
        Why::ZoneLoss { zones, .. } => {
            Some(format!("the loss of one of {zones} zones is survived by {wants}"))
        }
        _ => None,
    }
}

fn forecast(candidate: &Candidate) -> Option<String> {
    if let Why::Risk { now_per_s, expected_per_s, lead_s, critical_per_s, risk, .. } = candidate.why {
        return Some(format!(
            "{now_per_s:.1} requests/s now, {expected_per_s:.1}/s likely in {lead_s:.0} s; an instance keeps the objective up to {critical_per_s:.1}/s; {} would be too few with a chance of {:.1} %",
            candidate.wants.unwrap_or_default(),
            100.0 * risk
        ));
    }
    let Why::Forecast { now_per_s, expected_per_s, lead_s, capacity_per_s } = candidate.why else {
        return None;
    };
    let wants = candidate.wants.unwrap_or_default();
    let growth = if expected_per_s > now_per_s * 1.01 {
        format!(", {expected_per_s:.1}/s expected in {lead_s:.0} s")
    } else {
        String::new()
    };
    Some(format!(
        "{now_per_s:.1} requests/s now{growth}; an instance serves up to {capacity_per_s:.1}/s, so {wants} needed"
    ))
}

struct Latency<'a>(&'a Reading);

impl fmt::Display for Latency<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Reading::Fresh { value, age_s, .. } => write!(f, "{value:.2} s ({age_s:.0} s ago)"),
            Reading::NoTraffic { .. } => f.write_str("none, as nobody asks"),
            Reading::Stale { age_s } => write!(f, "unknown, the last datapoint being {age_s:.0} s old"),
            Reading::Missing => f.write_str("unknown, there being no datapoint"),
        }
    }
}

impl LimitKind {
    fn phrase(self) -> &'static str {
        match self {
            Self::Minimum => "the minimum",
            Self::Maximum => "the maximum",
            Self::HourlyBudget => "the budget in $ an hour",
            Self::MonthlyBudget => "the month's budget in $",
            Self::ScaleOutStep => "the largest scale-out step",
            Self::ScaleInStep => "the largest scale-in step",
            Self::KnownLoad => "what is known of the p95",
        }
    }
}

impl Notice {
    fn sentence(&self) -> String {
        match self {
            Self::ForeignChange { expected, found } => format!(
                "Somebody else changed the desired capacity from {expected} to {found}; it is taken as it is."
            ),
            Self::NotCapacity { p95_s } => format!(
                "ALERT: the p95 of {p95_s:.2} s is not for want of instances, as adding them did not lower it; look at what they wait for."
            ),
            Self::NotCapacityOver => "The latency that adding instances did not lower is over.".to_owned(),
            Self::DatapointRefused { at } => {
                format!("The datapoint of {at} was refused, as its numbers make no sense.")
            }
        }
    }
}

impl Action {
    /// The stable code, as in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ScaleOut => "scale_out",
            Self::ScaleIn => "scale_in",
            Self::Hold => "hold",
        }
    }
}

/// Each reason's stable code and its words, on one line, so that neither can be forgotten.
macro_rules! reasons {
    ($($reason:ident, $code:literal, $phrase:literal;)*) => {
        impl Reason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$reason),*];

            /// The stable code, as in the journal and the metrics' labels.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$reason => $code),* }
            }

            fn phrase(self) -> &'static str {
                match self { $(Self::$reason => $phrase),* }
            }
        }
    };
}

reasons! {
    DemandForecast, "demand_forecast", "the demand needs more instances";
    LatencyBreach, "latency_breach", "the p95 breaks the objective though the load does not explain it";
    BelowMinimum, "below_minimum", "the group is smaller than its minimum";
    RuleLatencyHigh, "rule_latency_high", "the rule on a p95 above the objective fires";
    RuleCpuHigh, "rule_cpu_high", "the rule on CPU above 70 % for 5 min fires";
    Calendar, "calendar", "the calendar announces that more will be needed";
    ZoneHeadroom, "zone_headroom", "the loss of a zone would leave too few";
    TrialUndone, "trial_undone", "fewer were tried, and the p95 broke the objective";
    AboveTarget, "above_target", "the metric was above its target for three datapoints";
    DemandFell, "demand_fell", "fewer instances have been enough for the whole stabilization window";
    ScaleInTrial, "scale_in_trial", "fewer are tried than are known to keep the objective";
    AdditionGivenBack, "addition_given_back", "the p95 breaks the objective, and what was added against that in vain is given back";
    AboveMaximum, "above_maximum", "the group is larger than the policy's maximum";
    AboveBudget, "above_budget", "the group costs more than its budget in $ allows";
    RuleLatencyLow, "rule_latency_low", "the rule on a p95 below a third of the objective fires";
    RuleCpuLow, "rule_cpu_low", "the rule on CPU below 30 % for 15 min fires";
    BelowTarget, "below_target", "the metric was below nine tenths of its target for fifteen datapoints";
    FitsDemand, "fits_demand", "the fleet fits the demand";
    HeldByCalendar, "held_by_calendar", "fewer would do for the demand, but not for what the calendar announces";
    HeldByZoneHeadroom, "held_by_zone_headroom", "fewer would do for the demand, but not if a zone were lost";
    NoRuleFires, "no_rule_fires", "no rule fires";
    NearTarget, "near_target", "neither alarm of target tracking is on";
    FleetUnknown, "fleet_unknown", "AWS did not answer, and nothing is assumed";
    MetricsStale, "metrics_stale", "the metrics are too old to act on";
    MetricsMissing, "metrics_missing", "there are no metrics to act on";
    RequestsFailing, "requests_failing", "fewer would do, but requests fail or failed a moment ago";
    AwaitingEffect, "awaiting_effect", "the p95 breaks the objective, and the last change has yet to show in it";
    AwaitingPending, "awaiting_pending", "fewer would do, but instances are still on their way";
    BacklogDraining, "backlog_draining", "the p95 is that of a backlog which the fleet is working off";
    WithinBudget, "within_budget", "the p95 breaks the objective for now, which the error budget allows: more is not worth it";
    AwaitingTrial, "awaiting_trial", "fewer may do, but that is not known, and no trial may begin yet";
    AddingDidNotHelp, "adding_did_not_help", "the p95 breaks the objective, and adding instances did not help: look elsewhere";
    Stabilizing, "stabilizing", "fewer would do now, but not yet for the whole stabilization window";
    Cooldown, "cooldown", "fewer would do, but the last scale-in was a moment ago";
    NotWorthwhile, "not_worthwhile", "fewer would do, but they have not cost yet what getting them back would";
    AtMaximum, "at_maximum", "more instances are needed, but the maximum is reached";
    AtBudget, "at_budget", "more instances are needed, but the budget in $ allows no more";
    AtMinimum, "at_minimum", "fewer would do, but the minimum is reached";
    Paused, "paused", "an operator paused the group";
    ScaleInPaused, "scale_in_paused", "fewer would do, but an operator paused scaling in";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_the_serialised_name() {
        for reason in Reason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }
}
