//! Everything that the local cloud needs, installed into the project's own ignored folder: a Python 3.11 virtual
//! environment with LocalStack, our extension, PostgreSQL and Redis, and our own programs built.
//!
//! The first start takes minutes and shows its progress; later ones compare a fingerprint and go on.

mod cargo;
mod chromium;
mod output;
mod programs;
mod prune;
mod python;
mod servers;
mod steps;
mod venv;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub use cargo::cargo;
pub use chromium::Chromium;
pub use programs::Programs;
pub use servers::Servers;
pub use steps::Steps;
pub use venv::Venv;

/// So many folders of earlier runs are kept.
const RUNS_KEPT: usize = 10;

/// Where things are, once provisioned.
#[derive(Clone, Debug)]
pub struct Provisioned {
    /// The project's folder.
    pub root: PathBuf,
    /// The virtual environment.
    pub venv: Venv,
    /// The database and cache servers.
    pub servers: Servers,
    /// Our own programs.
    pub programs: Programs,
}

impl Provisioned {
    /// Installs what is missing. Several calls at once, also from several processes, wait for each other.
    ///
    /// # Errors
    /// Says what is missing and what to install.
    pub async fn ready(steps: &Steps) -> Result<Self> {
        let root = project_root()?;
        let private = private_folder()?;
        let _held = hold(&private).await?;
        let venv = Venv::ready(&root, &private, steps).await?;
        let servers = Servers::find(&venv, steps).await?;
        let programs = Programs::built(&root, steps).await?;
        Ok(Self { root, venv, servers, programs })
    }

    /// A new, empty folder for one run's logs and data, named by this process and `name`. Those of long ago go.
    pub fn run_folder(&self, name: &str) -> Result<PathBuf> {
        let runs = self.root.join(".local/run");
        prune::prune(&runs, RUNS_KEPT, prune::is_over);
        let folder = runs.join(format!("{name}-{}", std::process::id()));
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(folder)
    }
}

/// The project's own ignored folder.
fn private_folder() -> Result<PathBuf> {
    let private = project_root()?.join(".local");
    std::fs::create_dir_all(&private).with_context(|| format!("cannot create {}", private.display()))?;
    Ok(private)
}

/// Waits until nobody else installs anything there; until the file is dropped nobody else will.
async fn hold(private: &Path) -> Result<std::fs::File> {
    let lock = std::fs::File::create(private.join("provision.lock"))?;
    let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await?;
    lock.context("cannot lock the project's private folder")
}

/// The checkout that this program was built from.
fn project_root() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    root.canonicalize().with_context(|| {
        format!("the project's folder {} is gone: build this program again where it is now", root.display())
    })
}
