//! Which scenarios the main job takes: those of which it can give a verdict.

use std::path::Path;

use traffic::{ClosedEnd, ClosedLoop, InputError, LoadKind, Scenario, Shape};

/// A scenario that can be run and judged.
#[derive(Clone, Debug)]
pub struct Trial {
    scenario: Scenario,
    keep: bool,
}

impl Trial {
    /// Checks a scenario; `file` is for the message. With `keep` the load goes on after the scenario.
    ///
    /// # Errors
    /// Its load has no verdict: the objective is one of `GET /dashboard`, and with `keep` only time can say when a
    /// scenario is over, because the users go on.
    pub fn new(scenario: Scenario, file: &Path, keep: bool) -> Result<Self, InputError> {
        let refused = |field: &str, found: &str, allowed: &str| {
            let [field, found, allowed] = [field, found, allowed].map(str::to_owned);
            Err(InputError::NotAllowed { file: file.to_owned(), field, found, allowed })
        };
        if scenario.load != LoadKind::Dashboard {
            let allowed = "\"dashboard\" in a demo, whose objective is the p95 of GET /dashboard; \
                           `cargo test -p tests --test beta` runs and judges the beta's load";
            return refused("load", "\"four_calls\"", allowed);
        }
        if keep && matches!(scenario.shape, Shape::Closed(ClosedLoop { end: ClosedEnd::AfterLoads(_), .. })) {
            let allowed = "duration_s with --keep, as users who go on never have done their last load; \
                           or no --keep";
            return refused("closed", "loads_per_user", allowed);
        }
        Ok(Self { scenario, keep })
    }

    /// What is judged.
    pub(crate) fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Whether the load goes on after the scenario.
    pub(crate) fn goes_on(&self) -> bool {
        self.keep
    }

    /// What the users do: the scenario, and what comes after it.
    pub(crate) fn load(&self) -> Scenario {
        let scenario = self.scenario.clone();
        if self.keep { scenario.kept() } else { scenario }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAGE: &str = "[[stage]]\nname = \"all\"\nduration_s = 60\nusers_per_s = 5\n";

    fn trial(load: &str, shape: &str, keep: bool) -> Result<Trial, String> {
        let file = Path::new("mine.toml");
        let text = format!("name = \"mine\"\nseed = 1\nload = \"{load}\"\n{shape}");
        Trial::new(Scenario::parse(&text, file).unwrap(), file, keep).map_err(|error| error.to_string())
    }

    #[test]
    fn what_has_no_verdict_is_refused_with_what_is_allowed() {
        let closed = |end: &str| format!("[closed]\nusers = 1\n{end}");
        let error = trial("four_calls", STAGE, false).unwrap_err();
        assert!(
            error.starts_with("mine.toml: load: found \"four_calls\"; allowed: \"dashboard\""),
            "{error}"
        );
        let error = trial("dashboard", &closed("loads_per_user = 2"), true).unwrap_err();
        assert!(error.starts_with("mine.toml: closed: found loads_per_user; allowed: duration_s"), "{error}");
    }

    #[test]
    fn what_has_one_is_taken() {
        for keep in [false, true] {
            assert_eq!(trial("dashboard", STAGE, keep).unwrap().goes_on(), keep);
            trial("dashboard", "[closed]\nusers = 1\nduration_s = 90\n", keep).unwrap();
        }
        trial("dashboard", "[closed]\nusers = 1\nloads_per_user = 2\n", false).unwrap();
    }
}
