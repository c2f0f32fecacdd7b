//! The virtual environment, made from a lock file with hashes.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use super::{Steps, python};
use crate::provision::steps::Step;

/// A virtual environment that holds LocalStack, our extension and the servers' wheels.
#[derive(Clone, Debug)]
pub struct Venv {
    folder: PathBuf,
}

impl Venv {
    /// Makes it, unless it is there and was made from the same lock file.
    pub(crate) async fn ready(root: &Path, private: &Path, steps: &Steps) -> Result<Self> {
        let extension = root.join("localstack/extension");
        let fingerprint =
            fingerprint(&[extension.join("requirements.lock"), extension.join("pyproject.toml")])?;
        // A folder for each lock file: a cloud that still runs from an older one keeps its ground.
        let name = format!("venv-{}", &fingerprint[..12]);
        let venv = Self { folder: private.join(&name) };
        let finished = venv.folder.join("finished");
        let step = steps.begin("Python environment");
        if finished.exists() {
            step.done("is up to date");
            return Ok(venv);
        }
        venv.make(&step).await?;
        venv.install(&extension, &step).await?;
        std::fs::write(&finished, fingerprint)?;
        point_to(&private.join("venv"), &name)?;
        step.done("has LocalStack, PostgreSQL and Redis");
        Ok(venv)
    }

    /// A program of the environment.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    /// Where the wheels are unpacked.
    pub fn site_packages(&self) -> PathBuf {
        self.folder.join("lib/python3.11/site-packages")
    }

    async fn make(&self, step: &Step) -> Result<()> {
        let python = python::find().await?;
        if self.folder.exists() {
            std::fs::remove_dir_all(&self.folder)?;
        }
        step.doing(&format!("from {}", python.display()));
        let attempt = |python: PathBuf| async move {
            Command::new(python).args(["-m", "venv"]).arg(&self.folder).output().await
        };
        let output = attempt(python.clone()).await?;
        if output.status.success() {
            return Ok(());
        }
        // Debian ships the venv module apart from Python.
        if nix::unistd::geteuid().is_root() && install_venv_module(step).await {
            let output = attempt(python).await?;
            if output.status.success() {
                return Ok(());
            }
        }
        bail!(
            "Python cannot make a virtual environment. On Debian 12: apt-get install python3.11-venv. It said:\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    }

    async fn install(&self, extension: &Path, step: &Step) -> Result<()> {
        let pip = |words: &[&str]| {
            let mut command = Command::new(self.program("python"));
            command
                .args(["-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"])
                .args(words);
            command
        };
        let mut locked = pip(&["--require-hashes", "-r"]);
        run(locked.arg(extension.join("requirements.lock")), step).await?;
        let mut ours = pip(&["--no-deps", "--no-build-isolation", "-e"]);
        run(ours.arg(extension), step).await
    }
}

/// Keeps one name for people and scripts, whatever the lock file.
fn point_to(link: &Path, name: &str) -> Result<()> {
    if link.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
        std::fs::remove_file(link)?;
    }
    std::os::unix::fs::symlink(name, link)
        .with_context(|| format!("cannot create the link {}", link.display()))
}

async fn install_venv_module(step: &Step) -> bool {
    step.doing("apt-get install python3.11-venv");
    let apt = |words: &'static [&'static str]| async move {
        let done =
            Command::new("apt-get").args(words).env("DEBIAN_FRONTEND", "noninteractive").output().await;
        done.is_ok_and(|output| output.status.success())
    };
    apt(&["update"]).await && apt(&["install", "-y", "--no-install-recommends", "python3.11-venv"]).await
}

/// Runs a command, its last line of output being what the step does.
async fn run(command: &mut Command, step: &Step) -> Result<()> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let errors = tokio::spawn(async move {
        let mut text = String::new();
        if let Some(mut stderr) = stderr {
            tokio::io::AsyncReadExt::read_to_string(&mut stderr, &mut text).await?;
        }
        std::io::Result::Ok(text)
    });
    let mut lines = BufReader::new(stdout.context("no standard output")?).lines();
    while let Some(line) = lines.next_line().await? {
        step.doing(line.trim());
    }
    if child.wait().await?.success() {
        return Ok(());
    }
    bail!("{:?} failed:\n{}", command.as_std(), errors.await??)
}

fn fingerprint(files: &[PathBuf]) -> Result<String> {
    let mut hasher = Sha256::new();
    for file in files {
        hasher.update(std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    Ok(format!("{:x}", hasher.finalize()))
}
