//! Which settings make a policy: each within its range, and none that another makes meaningless.

use std::fmt::Display;

use super::{Policy, Settings, Strategy, Target};
use crate::calendar::Entry;
use crate::money::Dollars;

/// A setting that is out of its range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("`{field}` is {found}; allowed: {allowed}")]
pub struct PolicyError {
    /// The setting's name.
    pub field: &'static str,
    /// What was found.
    pub found: String,
    /// What would be allowed.
    pub allowed: String,
}

impl TryFrom<Settings> for Policy {
    type Error = PolicyError;

    fn try_from(s: Settings) -> Result<Self, PolicyError> {
        tracks(&s)?;
        survives(&s)?;
        pays(&s)?;
        s.calendar.iter().try_for_each(Entry::check)?;
        within("objective_p95_s", s.objective_p95_s, 0.01, 60.0)?;
        within("error_budget", s.error_budget, 0.0001, 0.1)?;
        within("utilisation", s.utilisation, 0.2, 0.95)?;
        within("boot_s", s.boot_s, 0.0, 3600.0)?;
        within("max_age_s", s.max_age_s, 5.0, 3600.0)?;
        if let Some(window_s) = s.stabilization_window_s {
            within("stabilization_window_s", window_s, 0.0, 7200.0)?;
        }
        within("scale_in_cooldown_s", s.scale_in_cooldown_s, 0.0, 7200.0)?;
        if let Some(step) = s.scale_in_step {
            within("scale_in_step", step, 0.01, 1.0)?;
        }
        if let Some(price) = s.slow_minute_price {
            within("slow_minute_price", price, 1.0, 1_000_000.0)?;
        }
        if let Some(capacity) = s.instance_capacity_per_s {
            within("instance_capacity_per_s", capacity, 0.001, 1_000_000.0)?;
        }
        if s.scale_in_trials_per_day > 1_000 {
            return Err(refuse("scale_in_trials_per_day", s.scale_in_trials_per_day, "0 to 1000"));
        }
        if s.scale_out_step == Some(0) {
            return Err(refuse("scale_out_step", 0, "at least 1"));
        }
        if let (Some(min), Some(max)) = (s.min, s.max)
            && min > max
        {
            return Err(refuse("min", min, format!("at most max, which is {max}")));
        }
        Ok(Self { settings: s, without: super::Parts::default() })
    }
}

/// Target tracking has a target, and nothing else has.
fn tracks(s: &Settings) -> Result<(), PolicyError> {
    match (s.strategy, s.target) {
        (Strategy::TargetTracking, None) => Err(refuse(
            "target",
            "not set",
            "requests_per_s or cpu_percent, as the strategy is target-tracking",
        )),
        (Strategy::TargetTracking, Some(Target::RequestsPerS(per_s))) => {
            within("target", per_s, 0.001, 1_000_000.0)
        }
        (Strategy::TargetTracking, Some(Target::CpuPercent(percent))) => {
            within("target", percent, 1.0, 100.0)
        }
        (_, Some(_)) => Err(refuse("target", "set", "only with the strategy target-tracking")),
        (_, None) => Ok(()),
    }
}

/// Headroom is sized by the demand, which only the strategies that follow it know.
fn survives(s: &Settings) -> Result<(), PolicyError> {
    let follows_demand = s.strategy.follows_demand();
    match s.zone_headroom {
        Some(zones) if !(2..=8).contains(&zones) => Err(refuse("zone_headroom", zones, "2 to 8 zones")),
        Some(zones) if !follows_demand => {
            Err(refuse("zone_headroom", zones, "only with the strategies forecast and feed-forward"))
        }
        _ => Ok(()),
    }
}

/// A cap means nothing without a price, nor below the price of one instance.
fn pays(s: &Settings) -> Result<(), PolicyError> {
    let price = s.price_per_instance_hour;
    if price == Some(Dollars::default()) {
        return Err(refuse("price_per_instance_hour", "0", "more than $0"));
    }
    for (field, most) in [("max_per_hour", s.max_per_hour), ("max_per_month", s.max_per_month)] {
        let Some(most) = most else { continue };
        let Some(price) = price else {
            return Err(refuse(
                "price_per_instance_hour",
                "not set",
                format!("a price, as `{field}` is set"),
            ));
        };
        if most < price {
            return Err(refuse(field, format!("${most}"), format!("at least an instance's ${price}")));
        }
    }
    Ok(())
}

fn within(field: &'static str, found: f64, low: f64, high: f64) -> Result<(), PolicyError> {
    if (low..=high).contains(&found) { Ok(()) } else { Err(refuse(field, found, format!("{low} to {high}"))) }
}

fn refuse(field: &'static str, found: impl Display, allowed: impl Into<String>) -> PolicyError {
    PolicyError { field, found: found.to_string(), allowed: allowed.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_a_policy() {
        assert!(Policy::try_from(Settings::default()).is_ok());
    }

    #[test]
    fn a_setting_out_of_range_is_named_with_what_is_allowed() {
        let error = Policy::try_from(Settings { utilisation: 1.2, ..Settings::default() }).unwrap_err();
        assert_eq!(error.to_string(), "`utilisation` is 1.2; allowed: 0.2 to 0.95");
        let nan = Policy::try_from(Settings { boot_s: f64::NAN, ..Settings::default() }).unwrap_err();
        assert_eq!(nan.field, "boot_s");
    }

    #[test]
    fn target_tracking_has_a_target_and_nothing_else_has() {
        let with = |strategy, target| Policy::try_from(Settings { strategy, target, ..Settings::default() });
        let tracked = |target| with(Strategy::TargetTracking, target);
        assert!(tracked(Some(Target::CpuPercent(50.0))).is_ok());
        for refused in [
            tracked(None),
            tracked(Some(Target::CpuPercent(101.0))),
            tracked(Some(Target::RequestsPerS(0.0))),
            with(Strategy::Forecast, Some(Target::RequestsPerS(10.0))),
        ] {
            assert_eq!(refused.unwrap_err().field, "target");
        }
    }

    #[test]
    fn headroom_is_for_strategies_that_follow_the_demand() {
        let with = |strategy, zones| {
            Policy::try_from(Settings { strategy, zone_headroom: Some(zones), ..Settings::default() })
        };
        assert!(with(Strategy::FeedForward, 3).is_ok());
        for refused in [with(Strategy::Forecast, 1), with(Strategy::Rules, 3)] {
            assert_eq!(refused.unwrap_err().field, "zone_headroom");
        }
    }

    #[test]
    fn a_cap_needs_a_price_that_it_can_pay() {
        let with = |price: Option<&str>, most: &str| {
            let dollars = |text: &str| text.parse::<Dollars>().unwrap();
            let settings = Settings {
                price_per_instance_hour: price.map(dollars),
                max_per_hour: Some(dollars(most)),
                ..Settings::default()
            };
            Policy::try_from(settings).map_err(|error| error.to_string())
        };
        assert!(with(Some("0.1"), "0.1").is_ok());
        let poor = with(Some("0.1"), "0.09").unwrap_err();
        assert_eq!(poor, "`max_per_hour` is $0.09; allowed: at least an instance's $0.10");
        let unpriced = with(None, "1").unwrap_err();
        assert_eq!(
            unpriced,
            "`price_per_instance_hour` is not set; allowed: a price, as `max_per_hour` is set"
        );
        assert!(with(Some("0"), "1").is_err());
    }

    #[test]
    fn a_minimum_above_the_maximum_cannot_be_built() {
        let settings = Settings { min: Some(5), max: Some(4), ..Settings::default() };
        let error = Policy::try_from(settings).unwrap_err();
        assert_eq!(error.to_string(), "`min` is 5; allowed: at most max, which is 4");
    }
}
