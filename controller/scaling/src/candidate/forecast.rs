//! Sizing by risk: the fleet that is cheapest when a slow minute is priced so that the error budget is spent, and
//! no more.

use super::{Candidate, Facts, Source, Why, feed_forward};
use crate::budget::size;
use crate::forecast::Outlook;
use crate::policy::Part;

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
