//! `controller decide`: the decision core by itself. An observation a line comes in, a decision a line goes out, so
//! that others can hold it against their own simulator, or test a policy without AWS.

use std::io::{BufRead, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use scaling::{Observation, Policy, State, decide};

use super::Failure;
use crate::config::{Config, Group};

pub(super) fn run(path: &Path, group: Option<&str>, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let config = Config::load(path)?;
    let group = chosen(&config, group)?;
    answer(&group.policy, std::io::stdin().lock(), out)?;
    Ok(ExitCode::SUCCESS)
}

/// The group of that name, or the only one.
fn chosen<'a>(config: &'a Config, name: Option<&str>) -> anyhow::Result<&'a Group> {
    let names = || config.groups.iter().map(Group::name).collect::<Vec<_>>().join(", ");
    match (name, config.groups.as_slice()) {
        (Some(name), _) => {
            config.group(name).with_context(|| format!("no group is named {name:?}; configured: {}", names()))
        }
        (None, [only]) => Ok(only),
        (None, _) => Err(anyhow!("which group's policy? --group takes one of: {}", names())),
    }
}

/// Each decision is written out before the next observation is read: a simulator may wait for it.
fn answer(policy: &Policy, observations: impl BufRead, decisions: &mut impl Write) -> Result<(), Failure> {
    let mut state = State::default();
    for (index, line) in observations.lines().enumerate() {
        let observation = parse(&line.context("standard input is not text")?)
            .with_context(|| format!("standard input, line {}", index + 1))?;
        let (decision, next) = decide(policy, state, &observation);
        state = next;
        let decision = serde_json::to_string(&decision).map_err(anyhow::Error::from)?;
        writeln!(decisions, "{decision}")?;
        decisions.flush()?;
    }
    Ok(())
}

fn parse(line: &str) -> anyhow::Result<Observation> {
    let mut json = serde_json::Deserializer::from_str(line);
    let observation = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| anyhow!("`{}`: {}", error.path(), error.inner()))?;
    json.end()?;
    Ok(observation)
}

#[cfg(test)]
mod tests {
    use scaling::{Action, Decision, Settings};

    use super::*;

    const LINE: &str = r#"{"at":1000,"fleet":{"desired":2,"in_service":2,"pending":0,"min":2,"max":20,"boots_s":[151.5]},"datapoints":[{"at":900,"period_s":60,"requests_per_s":20.5,"latency_p95_s":1.2,"samples":1230,"healthy":2}]}"#;

    fn answered(lines: &str) -> Result<Vec<Decision>, Failure> {
        let policy = Policy::try_from(Settings::default()).unwrap();
        let mut out = Vec::new();
        answer(&policy, lines.as_bytes(), &mut out)?;
        let out = String::from_utf8(out).unwrap();
        Ok(out.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    #[test]
    fn each_observation_has_its_decision_and_the_state_goes_on() {
        let later = LINE.replace("1000", "1010").replace("\"desired\":2", "\"desired\":5");
        let decisions = answered(&format!("{LINE}\n{later}\n")).unwrap();
        assert_eq!(decisions.iter().map(|decision| decision.at).collect::<Vec<_>>(), [1000.0, 1010.0]);
        assert_eq!(decisions[0].inputs.boot_s.total_cmp(&151.5), std::cmp::Ordering::Equal);
        assert!(!decisions[1].notices.is_empty(), "the change from 2 to 5 was somebody else's");
    }

    #[test]
    fn the_lines_in_the_readme_are_answered() {
        let readme = include_str!("../../../README.md");
        let lines: String =
            readme.lines().filter(|line| line.starts_with("{\"at\"")).flat_map(|line| [line, "\n"]).collect();
        let decisions = answered(&lines).unwrap();
        assert_eq!(
            decisions.iter().map(|decision| decision.action).collect::<Vec<_>>(),
            [Action::Hold, Action::ScaleOut]
        );
    }

    #[test]
    fn a_line_that_cannot_be_used_is_named_with_its_field() {
        for (line, said) in [
            (LINE.replace("\"min\"", "\"least\""), "`fleet.least`: unknown field `least`, expected one of"),
            (LINE.replace("20.5", "\"many\""), "`datapoints[0].requests_per_s`: invalid type: string"),
            (LINE.replace("\"at\":1000,", ""), "missing field `at`"),
            (format!("{LINE} and more"), "trailing characters"),
        ] {
            let error = answered(&format!("{LINE}\n{line}\n")).unwrap_err().to_string();
            assert!(error.starts_with("standard input, line 2: ") && error.contains(said), "{error}");
        }
    }
}
