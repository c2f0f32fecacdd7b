//! A decision told in full.

use std::fmt::Write;

use scaling::{Alarm, Candidate, Inputs, LimitKind, Notice, Reading, Source, Why};

use super::time::age;
use crate::clock::rfc3339;
use crate::journal::Record;

/// The whole of it, over several lines; `now` is for the ages.
pub(super) fn tell(record: &Record, now: f64) -> String {
    let decision = &record.decision;
    let mut text = format!(
        "{} at {} ({} ago)\n{}\n",
        record.group,
        rfc3339(decision.at),
        age(now - decision.at),
        record.sentence
    );
    section(&mut text, "Decision", &[verdict(record)]);
    section(&mut text, "What was known", &inputs(&decision.inputs));
    section(&mut text, "Who asked for what", &decision.candidates.iter().map(candidate).collect::<Vec<_>>());
    let limits = decision.limits.iter().map(|limit| {
        let risk = limit.risk.map(|risk| format!(", too few with a chance of {:.2} %", 100.0 * risk));
        let (name, risk) = (limit_name(limit.kind), risk.unwrap_or_default());
        format!("{name}: {} asked for, {} allowed{risk}", limit.asked, limit.allowed)
    });
    section(&mut text, "What bound it", &limits.collect::<Vec<_>>());
    section(&mut text, "Besides", &decision.notices.iter().map(notice).collect::<Vec<_>>());
    text
}

fn section(text: &mut String, heading: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    // Writing to a String cannot fail.
    let _ = write!(text, "\n{heading}\n");
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}

fn verdict(record: &Record) -> String {
    let decision = &record.decision;
    let change = match (decision.current, decision.desired) {
        (Some(from), Some(to)) if from != to => format!("{from} -> {to}"),
        (Some(current), _) => current.to_string(),
        (None, _) => "unknown".to_owned(),
    };
    let (action, reason) = (decision.action.as_str(), decision.reason.as_str());
    let outcome = match &record.outcome {
        Some(outcome) => {
            let detail = outcome.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
            format!("; outcome: {}{detail}", outcome.result)
        }
        None if record.dry_run => "; dry run".to_owned(),
        None => String::new(),
    };
    format!("{action}, {reason}, desired capacity {change}{outcome}")
}

fn inputs(inputs: &Inputs) -> Vec<String> {
    let instances = |n: Option<u32>| n.map_or_else(|| "unknown".to_owned(), |n| n.to_string());
    let capacity = inputs
        .capacity_per_s
        .map_or_else(|| "not learned yet".to_owned(), |per_s| format!("{per_s:.2} requests/s at most"));
    vec![
        format!("requests      {}", reading(&inputs.requests_per_s, "/s")),
        format!("p95           {}", reading(&inputs.latency_p95_s, " s")),
        format!("failed        {}", reading(&inputs.failed_per_s, "/s")),
        format!("CPU           {}", reading(&inputs.cpu_percent, " %")),
        format!("an instance   {capacity}"),
        format!("a boot        {:.0} s", inputs.boot_s),
        format!(
            "instances     {} in service, {} pending",
            instances(inputs.in_service),
            instances(inputs.pending)
        ),
    ]
}

fn reading(reading: &Reading, unit: &str) -> String {
    match reading {
        Reading::Fresh { value, age_s, samples } => {
            let of = samples.map(|samples| format!(", {samples:.0} responses")).unwrap_or_default();
            format!("{value:.2}{unit} ({age_s:.0} s old{of})")
        }
        Reading::NoTraffic { age_s } => format!("no traffic ({age_s:.0} s old)"),
        Reading::Stale { age_s } => format!("no recent value (the newest period ended {age_s:.0} s ago)"),
        Reading::Missing => "missing".to_owned(),
    }
}

fn candidate(candidate: &Candidate) -> String {
    let wants = candidate.wants.map_or_else(|| "asks for nothing".to_owned(), |n| format!("asks for {n}"));
    let accepts =
        candidate.accepts.map_or_else(|| "would not shrink".to_owned(), |n| format!("accepts {n} or more"));
    format!("{:<15}{wants}, {accepts}: {}", source(candidate.by), why(&candidate.why))
}

fn source(source: Source) -> &'static str {
    match source {
        Source::FeedForward => "feed-forward",
        Source::Forecast => "forecast",
        Source::LatencyGuard => "latency guard",
        Source::Rules => "rules",
        Source::TargetTracking => "target tracking",
        Source::Calendar => "calendar",
        Source::ZoneHeadroom => "zone headroom",
        Source::Trial => "trial",
    }
}

fn why(why: &Why) -> String {
    match why {
        Why::Forecast { now_per_s, expected_per_s, lead_s, capacity_per_s } => format!(
            "{now_per_s:.2} requests/s now, {expected_per_s:.2} expected in {lead_s:.0} s, \
             {capacity_per_s:.2} per instance at most"
        ),
        Why::Risk { now_per_s, expected_per_s, lead_s, critical_per_s, risk, price } => format!(
            "{now_per_s:.2} requests/s now, {expected_per_s:.2} likely in {lead_s:.0} s, {critical_per_s:.2} per instance \
             within the objective; too few with a chance of {:.2} %, a slow minute being worth {price:.0} instance-minutes",
            100.0 * risk
        ),
        Why::NoDemandMetric => "no recent request count".to_owned(),
        Why::CapacityUnknown => "what an instance can serve is not known yet".to_owned(),
        Why::WithinObjective => "the p95 keeps the objective".to_owned(),
        Why::NoLatencyMetric => "no recent latency".to_owned(),
        Why::Breach { p95_s } => format!("the p95 of {p95_s:.2} s breaks the objective"),
        Why::AwaitingEffect => "the last change is too recent to be judged".to_owned(),
        Why::BacklogDraining => "a backlog is being worked off".to_owned(),
        Why::WithinBudget => "the load explains the breach, and the forecast weighs it".to_owned(),
        Why::AddingDidNotHelp { again_in_s } => {
            format!("what was added did not lower the latency; it is tried again in {again_in_s:.0} s")
        }
        Why::TrialFailed => "fewer were tried, and the p95 broke the objective".to_owned(),
        Why::Rule(reason) => format!("{} fires", reason.as_str()),
        Why::NoRule => "no rule fires".to_owned(),
        Why::Tracked { metric, target, alarm } => {
            format!("the metric is {metric:.2}, its target {target:.2}; {}", alarm_name(*alarm))
        }
        Why::Announced { entry, starts_in_s, requests_per_s } => {
            let begins =
                if *starts_in_s > 0.0 { format!("begins in {starts_in_s:.0} s") } else { "is on".to_owned() };
            let demand =
                requests_per_s.map(|per_s| format!(", with {per_s:.2} requests/s")).unwrap_or_default();
            format!("\"{entry}\" {begins}{demand}")
        }
        Why::NothingAnnounced => "nothing is announced for when an instance launched now serves".to_owned(),
        Why::ZoneLoss { zones, expected_per_s, critical_per_s } => format!(
            "{expected_per_s:.2} requests/s expected, {critical_per_s:.2} per instance within the objective, \
             without the largest of {zones} zones"
        ),
        Why::NoTrackedMetric => "the newest datapoint lacks the metric".to_owned(),
    }
}

fn alarm_name(alarm: Alarm) -> &'static str {
    match alarm {
        Alarm::High => "the high alarm is on",
        Alarm::Low => "the low alarm is on",
        Alarm::None => "no alarm is on",
    }
}

fn limit_name(kind: LimitKind) -> &'static str {
    match kind {
        LimitKind::Minimum => "the minimum",
        LimitKind::Maximum => "the maximum",
        LimitKind::HourlyBudget => "the budget in $ an hour",
        LimitKind::MonthlyBudget => "the budget in $ a month",
        LimitKind::ScaleOutStep => "the scale-out step",
        LimitKind::ScaleInStep => "the scale-in step",
        LimitKind::KnownLoad => "what is known of the p95",
    }
}

fn notice(notice: &Notice) -> String {
    match notice {
        Notice::ForeignChange { expected, found } => {
            format!("somebody else changed the desired capacity from {expected} to {found}")
        }
        Notice::NotCapacity { p95_s } => {
            format!(
                "ALERT: the p95 of {p95_s:.2} s is not for want of instances: adding them did not lower it"
            )
        }
        Notice::NotCapacityOver => "the latency that adding did not lower is over".to_owned(),
        Notice::DatapointRefused { at } => format!("the datapoint of {} makes no sense", rfc3339(*at)),
    }
}
