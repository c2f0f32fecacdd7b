//! Our own programs, built by cargo: the local cloud starts them, it does not link them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::output::follow;
use super::{Steps, cargo};

/// Where the programs are.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The dashboard backend.
    pub api: PathBuf,
    /// The daemon.
    pub controller: PathBuf,
}

impl Programs {
    /// Builds them in the profile that this program itself was built in.
    pub(crate) async fn built(root: &Path, steps: &Steps) -> Result<Self> {
        let mut step = steps.begin("Programs");
        let mut command = cargo();
        // Chosen by `--bin` and not by `-p`: all of the workspace then decides the features of what is shared, and
        // nothing is built twice, whichever program is asked for.
        command.args(["build", "--locked", "--bin", "api", "--bin", "controller"]);
        command.args(["--message-format", "json-render-diagnostics"]).current_dir(root);
        if !cfg!(debug_assertions) {
            command.arg("--release");
        }
        let (mut api, mut controller) = (None, None);
        follow(&mut command, |line| {
            let Ok(artifact) = serde_json::from_str::<Artifact>(line) else { return };
            if !artifact.fresh {
                step.takes_long("being built by cargo with all they depend on, minutes the first time");
            }
            step.doing(&artifact.target.name);
            match artifact.target.name.as_str() {
                "api" => api = artifact.executable.or(api.take()),
                "controller" => controller = artifact.executable.or(controller.take()),
                _ => {}
            }
        })
        .await?;
        let (api, controller) = api.zip(controller).context("cargo built no api or no controller")?;
        step.done("api and controller are built");
        Ok(Self { api, controller })
    }
}

/// The part of cargo's messages that names what was built.
#[derive(serde::Deserialize)]
struct Artifact {
    target: Target,
    executable: Option<PathBuf>,
    /// Whether nothing had to be done.
    fresh: bool,
}

#[derive(serde::Deserialize)]
struct Target {
    name: String,
}
