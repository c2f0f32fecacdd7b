//! Sizing by risk: the fleet that is cheapest when a slow minute is priced so that the error budget is spent, and
//! no more.

use super::{Candidate, Facts, Source, Why, feed_forward};
use crate::forecast::Outlook;
use crate::forecast::ladder::size;
use crate::limits::Bounds;
use crate::policy::{Part, Pause, Policy};

/// A scale-out must gain this much, in instances, over staying: near the optimum the cost is flat, and following
/// each of its tremors would be all action and no gain. Less than half an instance is what rounding to a whole one
/// loses anyway.
const WORTH: f64 = 0.5;

/// The forecast's opinion; as long as it has none, that of the fixed margin.
pub(crate) fn candidate(facts: &Facts) -> Candidate {
    match facts.weighed_outlook() {
        Some(outlook) => weighed(facts, outlook),
        None => feed_forward::candidate(facts),
    }
}

/// Whether it is the budget's price that sizes the fleet: neither a fixed one, nor a floor or a cap.
pub(crate) fn is_on_budget(policy: &Policy, bounds: Bounds, candidates: &[Candidate]) -> bool {
    let accepts = |by| candidates.iter().find(|c| c.by == by).and_then(|c| c.accepts);
    let floors = [Source::Calendar, Source::ZoneHeadroom].into_iter().filter_map(accepts);
    let floor = floors.fold(bounds.min, u32::max);
    policy.slow_minute_price.is_none()
        && policy.pause == Pause::None
        && accepts(Source::Forecast).is_some_and(|n| n > floor && n <= bounds.max)
}

/// What a slow minute is worth, in instance-minutes.
fn price(facts: &Facts) -> f64 {
    let (policy, budget) = (facts.policy, &facts.state.budget);
    policy.slow_minute_price.unwrap_or_else(|| {
        if policy.has(Part::Spent) {
            budget.price(policy.error_budget)
        } else {
            budget.price_of_hindsight(policy.error_budget)
        }
    })
}

fn weighed(facts: &Facts, outlook: &Outlook) -> Candidate {
    let desired = facts.fleet.desired;
    let policy = facts.policy;
    let price = price(facts);
    let cheapest = size(outlook.cheapest(price)).max(facts.bounds.min);
    let gain = outlook.cost(desired, price) - outlook.cost(cheapest, price);
    let worth = if policy.has(Part::Economy) { WORTH } else { 0.0 };
    let wants = if gain > worth { cheapest } else { cheapest.min(desired) };
    let why = Why::Risk {
        now_per_s: outlook.now_per_s,
        expected_per_s: outlook.expected_per_s,
        lead_s: outlook.lead_s,
        critical_per_s: outlook.critical_per_s,
        risk: outlook.risk(wants),
        price,
    };
    Candidate { by: Source::Forecast, wants: Some(wants), accepts: Some(cheapest), why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::LimitKind;
    use crate::policy::Settings;

    /// Whether the budget's price sizes a fleet of at least three, where it accepts so many and the calendar others.
    fn on_budget(policy: &Policy, by_risk: u32, announced: u32) -> bool {
        let bounds = Bounds { min: 3, max: 20, max_by: LimitKind::Maximum };
        let opinion = |by, accepts| Candidate { by, wants: None, accepts: Some(accepts), why: Why::NoRule };
        let candidates = [opinion(Source::Forecast, by_risk), opinion(Source::Calendar, announced)];
        is_on_budget(policy, bounds, &candidates)
    }

    #[test]
    fn a_floor_a_cap_or_a_fixed_price_is_no_budget() {
        let policy = |slow_minute_price| {
            Policy::try_from(Settings { slow_minute_price, ..Settings::default() }).unwrap()
        };
        let sized = |by_risk, announced| on_budget(&policy(None), by_risk, announced);
        let told =
            [(4, 0), (3, 0), (4, 4), (5, 4), (21, 0)].map(|(by_risk, announced)| sized(by_risk, announced));
        assert_eq!(told, [true, false, false, true, false]);
        assert!(!on_budget(&policy(Some(100.0)), 4, 0));
    }
}
