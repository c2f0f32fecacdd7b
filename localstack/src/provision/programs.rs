//! Our own programs, built by cargo: the local cloud starts them, it does not link them.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, BufReader};

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
        let step = steps.begin("Programs");
        let mut command = cargo();
        // Chosen by `--bin` and not by `-p`: all of the workspace then decides the features of what is shared, and
        // nothing is built twice, whichever program is asked for.
        command.args(["build", "--locked", "--bin", "api", "--bin", "controller"]);
        command.args(["--message-format", "json-render-diagnostics"]).current_dir(root);
        if !cfg!(debug_assertions) {
            command.arg("--release");
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("cargo has no output")?).lines();
        let (mut api, mut controller) = (None, None);
        while let Some(line) = lines.next_line().await? {
            let Ok(artifact) = serde_json::from_str::<Artifact>(&line) else { continue };
            step.doing(&artifact.target.name);
            match artifact.target.name.as_str() {
                "api" => api = artifact.executable.or(api),
                "controller" => controller = artifact.executable.or(controller),
                _ => {}
            }
        }
        let (true, Some(api), Some(controller)) = (child.wait().await?.success(), api, controller) else {
            bail!("`cargo build --bin api --bin controller` failed: run it to see why")
        };
        step.done("api and controller are built");
        Ok(Self { api, controller })
    }
}

/// The part of cargo's messages that names what was built.
#[derive(serde::Deserialize)]
struct Artifact {
    target: Target,
    executable: Option<PathBuf>,
}

#[derive(serde::Deserialize)]
struct Target {
    name: String,
}
