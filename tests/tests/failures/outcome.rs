//! What a fault cost.

use std::ops::Range;
use std::time::{Duration, Instant};

use crate::faults::Fault;
use crate::support::steady::{Exchange, Kind};

pub const HEADING: &str = "\
| fault | dashboards, cached | dashboards, new | other reads | writes | longest wait | whole again after |
|---|---|---|---|---|---|---|";

/// The requests of a fault's time.
pub struct Outcome {
    kinds: [Share; 4],
    longest: Duration,
    whole_again: Duration,
}

/// Of one kind of request, those that were asked while the fault lasted.
struct Share {
    answered_percent: f64,
    p95: Duration,
}

/// Since when all is well: every request is answered, and the caches serve those that they are there for.
pub fn whole_since(exchanges: &[Exchange], mended: Instant) -> Instant {
    exchanges.iter().filter(|exchange| !is_well(exchange)).map(|it| it.asked).max().unwrap_or(mended)
}

/// Whether so much is served as is asked for, and quickly: an instance that has just started, or another program on
/// the machine, is not to be measured.
pub fn is_calm(exchanges: &[Exchange]) -> bool {
    const QUICK: Duration = Duration::from_secs(1);
    let answered = exchanges.iter().filter_map(|exchange| exchange.answer.as_ref());
    answered.clone().count() > 50
        && answered.clone().all(|it| it.took < QUICK)
        && exchanges.iter().all(is_well)
}

/// One that is not answered yet may still be well; the next look tells.
fn is_well(exchange: &Exchange) -> bool {
    exchange.answer.as_ref().is_none_or(|answer| {
        let is_served =
            exchange.kind != Kind::CachedDashboard || answer.header("cache-status").contains("hit");
        answer.is_good() && is_served
    })
}

impl Outcome {
    pub fn of(exchanges: &[Exchange], fault: Range<Instant>, whole_again: Instant) -> Self {
        let times = exchanges.iter().filter_map(|exchange| Some(exchange.answer.as_ref()?.took));
        Self {
            longest: times.max().unwrap_or_default(),
            whole_again: whole_again.duration_since(fault.end),
            kinds: Kind::ALL.map(|kind| {
                let of_kind = |it: &&Exchange| it.kind == kind && fault.contains(&it.asked);
                Share::of(&exchanges.iter().filter(of_kind).collect::<Vec<_>>())
            }),
        }
    }

    /// As the table shows it.
    pub fn row(&self, name: &str) -> String {
        let kinds = self.kinds.each_ref().map(|share| {
            format!("{:.0} % (p95 {} ms)", share.answered_percent.floor(), share.p95.as_millis())
        });
        let (longest, whole_again) = (self.longest.as_secs_f64(), self.whole_again.as_secs_f64());
        format!("| {name} | {} | {longest:.2} s | {whole_again:.1} s |", kinds.join(" | "))
    }

    /// The promises that were not kept.
    pub fn broken(&self, fault: &Fault) -> Vec<String> {
        let promise = &fault.promise;
        let mut broken = Vec::new();
        for ((kind, share), least) in Kind::ALL.iter().zip(&self.kinds).zip(promise.answered) {
            if share.answered_percent < least {
                broken.push(format!("{}: {kind:?}: {:.1} % answered", fault.name, share.answered_percent));
            }
        }
        for (what, found, most) in [
            ("the longest wait", self.longest, promise.longest),
            ("whole again after", self.whole_again, promise.whole_again),
        ] {
            if found > most {
                broken.push(format!("{}: {what}: {found:?}, promised {most:?}", fault.name));
            }
        }
        broken
    }
}

impl Share {
    fn of(exchanges: &[&Exchange]) -> Self {
        let answers: Vec<_> = exchanges.iter().filter_map(|exchange| exchange.answer.as_ref()).collect();
        assert!(answers.len() > 20, "so few say nothing: {}", answers.len());
        let good = answers.iter().filter(|answer| answer.is_good()).count();
        let mut times: Vec<_> = answers.iter().map(|answer| answer.took).collect();
        times.sort();
        Self {
            answered_percent: 100.0 * good as f64 / answers.len() as f64,
            p95: times[times.len() * 95 / 100],
        }
    }
}
