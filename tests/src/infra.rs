//! The checks of `infra`, and the rehearsal of prod, which runs beside all other tests: nearly all of it is waiting.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use localstack::{Process, Provisioned, Spec};
use tokio::process::Command;

use crate::shown;

/// What became of the checks of `infra`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Terraform {
    Passed,
    /// The one program that is not provisioned: whoever deploys has it.
    Absent,
    /// Only some tests were asked for.
    NotAsked,
}

/// `infra/check` tells by its exit code that there is no Terraform.
pub(crate) async fn check(root: &Path) -> Result<Terraform> {
    let mut check = Command::new(root.join("infra/check"));
    println!("$ {}", shown(&check));
    let status = check.kill_on_drop(true).status().await.context("infra/check")?;
    match status.code() {
        Some(0) => Ok(Terraform::Passed),
        Some(NO_TERRAFORM) => Ok(Terraform::Absent),
        _ => bail!("`infra/check` failed ({status})"),
    }
}

const NO_TERRAFORM: i32 = 3;

/// `infra/rehearse`, while it runs.
pub(crate) struct Rehearsal {
    process: Process,
    log: PathBuf,
}

impl Rehearsal {
    /// Starts it; what it says is shown at its end, not among what other tests say.
    pub(crate) fn begin(provisioned: &Provisioned, folder: &Path) -> Result<Self> {
        let log = folder.join("rehearsal.log");
        let program = provisioned.root.join("infra/rehearse");
        println!("$ rehearse, beside the other tests");
        let mut spec = Spec::new("infra/rehearse", program, &log)
            .arg("--controller")
            .arg(&provisioned.programs.controller);
        // All of our environment, as `check` has it: where packages come from may be in it.
        for (name, value) in std::env::vars_os() {
            if let Some(name) = name.to_str() {
                spec = spec.env(name, value);
            }
        }
        Ok(Self { process: spec.spawn()?, log })
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// Something of it is not so; the error holds what it said.
    pub(crate) async fn end(mut self) -> Result<()> {
        let status = self.process.wait().await?;
        let said = std::fs::read_to_string(&self.log).unwrap_or_default();
        match status.code() {
            Some(NO_TERRAFORM) => {}
            Some(0) => print!("$ rehearse\n{said}"),
            _ => bail!("`infra/rehearse` failed ({status}):\n{said}"),
        }
        Ok(())
    }

    /// Ends it early; it takes its LocalStack and its folder with it.
    pub(crate) async fn stop(self) {
        self.process.stop(Duration::from_secs(20)).await;
    }
}
