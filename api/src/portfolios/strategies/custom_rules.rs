//! A holding's own rules for taking profit: JSON of the client's shape, kept to the last digit. What it says is sold may
//! be at most everything.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::decimal::Decimal;

/// How a rule says what it sells, in per cent: as targets do, and as templates do.
const SHARES: [&str; 2] = ["sellPercentage", "sell"];

/// Rules of which no list sells more than everything.
#[derive(Clone, Debug)]
pub(super) struct CustomRules(Box<RawValue>);

impl CustomRules {
    /// The rules' text.
    pub(super) fn as_raw(&self) -> &RawValue {
        &self.0
    }
}

/// What a value says is sold; the reason where it, or something in it, may not be so.
fn sold(json: &RawValue) -> Result<Decimal, String> {
    if let Ok(rules) = serde_json::from_str::<Vec<&RawValue>>(json.get()) {
        let shares = rules.into_iter().map(sold).collect::<Result<Vec<_>, _>>()?;
        let together: Decimal = shares.iter().sum();
        return at_most_everything(&together).map(|()| Decimal::zero());
    }
    let mut share = Decimal::zero();
    for (name, member) in serde_json::from_str::<BTreeMap<String, &RawValue>>(json.get()).unwrap_or_default()
    {
        if SHARES.contains(&name.as_str()) {
            share = serde_json::from_str(member.get()).map_err(|_other| format!("{name} is no number"))?;
            at_most_everything(&share)?;
        } else {
            sold(member)?;
        }
    }
    Ok(share)
}

fn at_most_everything(share: &Decimal) -> Result<(), String> {
    if *share < Decimal::zero() || *share > Decimal::whole(100) {
        return Err(format!("sell {share} per cent; allowed are 0 to 100, together too"));
    }
    Ok(())
}

impl<'de> Deserialize<'de> for CustomRules {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        sold(&json).map_err(D::Error::custom)?;
        Ok(Self(json))
    }
}

impl JsonSchema for CustomRules {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CustomRules".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Value::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::CustomRules;

    #[test]
    fn no_list_sells_more_than_everything() {
        let read = |json: &str| serde_json::from_str::<CustomRules>(json);
        for good in [
            r#"[{"sellPercentage": 60}, {"sellPercentage": 40.0}]"#,
            r#"{"a": [{"sell": 100}], "b": [{"sell": 100}]}"#,
            r#"[{"gain": 250, "sell": 0}]"#,
            "[]",
            "7",
        ] {
            assert_eq!(read(good).unwrap().as_raw().get(), good);
        }
        for bad in [
            r#"{"sellPercentage": 250}"#,
            r#"[{"sellPercentage": 60}, {"sellPercentage": 40.0000001}]"#,
            r#"{"targets": [{"sell": 60}, {"sell": 50}]}"#,
            r#"[{"sell": -1}]"#,
            r#"[{"sell": "x"}]"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
