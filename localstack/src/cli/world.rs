//! What is started, by the options that every run shares.

use std::path::{Path, PathBuf};

use anyhow::Result;
use balancer::Profile;
use clap::Args;
use localstack::demo::Trial;
use localstack::{Boot, Mode, Pace, Setup, Size};
use traffic::Scenario;

/// The load, and the instances that it meets.
#[derive(Args)]
pub(crate) struct World {
    /// The load; localstack/scenarios/surge.toml unless given.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Boots as on EC2 (median 150 s) instead of some seconds.
    #[arg(long)]
    real_boots: bool,
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
            boot: if self.real_boots { Boot::EC2 } else { Boot::QUICK },
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
