//! The checks of `infra`.

use std::path::Path;

use anyhow::{Context, Result, bail};
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
