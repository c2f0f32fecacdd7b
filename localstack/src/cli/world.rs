//! What is started, by the options that every run shares.

use std::path::{Path, PathBuf};

use anyhow::Result;
use balancer::Profile;
use clap::Args;
use localstack::demo::Trial;
use localstack::{Boot, Mode, Pace, Setup, Size};
use traffic::Scenario;

/// An hour: nobody waits longer.
const LONGEST_BOOT_S: f64 = 3_600.0;

/// The load, and the instances that it meets.
#[derive(Args)]
pub(crate) struct World {
    /// The load; localstack/scenarios/surge.toml unless given.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// How long instances boot, in seconds, lognormally: the median, and what nine of ten stay below. As on EC2: 150,240.
    #[arg(long, value_name = "MEDIAN,P90", default_value = "4,6", value_parser = boot)]
    boot: Boot,
    /// Requests that one instance serves at once.
    #[arg(long, default_value_t = 8)]
    slots: usize,
    /// Mean service time of a request on an instance, in seconds.
    #[arg(long, default_value_t = 0.5)]
    service_time: f64,
    /// Seed of every random draw, the moment of the rise among them; a random one unless given.
    #[arg(long)]
    seed: Option<u64>,
}

impl World {
    /// The seed asked for, or a new one.
    pub(crate) fn seed(&self) -> u64 {
        self.seed.unwrap_or_else(|| u64::from(rand::random::<u16>()))
    }

    /// The load drawn from a seed; with `keep` it goes on after the scenario.
    pub(crate) fn trial(&self, seed: u64, keep: bool) -> Result<Trial> {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/surge.toml");
        let file = self.scenario.as_deref().unwrap_or(&shipped);
        Ok(Trial::new(Scenario::load_seeded(file, seed)?, file, keep)?)
    }

    /// The group and the machines of a run, with the controller as it ships.
    pub(crate) fn setup(&self, seed: u64) -> Result<Setup> {
        Ok(Setup {
            name: "demo".to_owned(),
            endpoint: None,
            size: Size { min: 2, max: 20, desired: 2 },
            boot: self.boot,
            // A real small machine's requests differ; half of the mean is what ExStrat's own do.
            profile: Some(Profile::new(self.slots, self.service_time, 0.5, seed)?),
            users: 200,
            mode: Mode::Active,
            strategy: None,
            pace: Pace::QUICK,
            seed,
        })
    }
}

/// Reads `MEDIAN,P90`.
fn boot(text: &str) -> Result<Boot, String> {
    let numbers =
        text.split_once(',').and_then(|(median, p90)| Some((median.parse().ok()?, p90.parse().ok()?)));
    match numbers {
        Some((median_s, p90_s)) if 0.1 <= median_s && median_s <= p90_s && p90_s <= LONGEST_BOOT_S => {
            Ok(Boot { median_s, p90_s })
        }
        _ => Err(format!(
            "two numbers of seconds, the second not the smaller one, from 0.1 to {LONGEST_BOOT_S}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boot_is_two_numbers_in_order() {
        assert_eq!(boot("150,240"), Ok(Boot { median_s: 150.0, p90_s: 240.0 }));
        assert_eq!(boot("4,4"), Ok(Boot { median_s: 4.0, p90_s: 4.0 }));
        for wrong in ["4", "6,4", "0,4", "4,9999", "NaN,6", "a,b"] {
            assert!(boot(wrong).is_err(), "{wrong}");
        }
    }
}
