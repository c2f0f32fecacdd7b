//! A headless Chromium for the page's tests: Debian's package, which apt checks and keeps safe, with the libraries
//! that it needs, unpacked into the project's own folder. Nothing of the machine changes, and it takes no root.
//!
//! It is the newest that the machine's Debian has, not a pinned one: Debian keeps no older one.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use super::output::follow;
use super::servers::{first_that_runs, on_path};
use super::steps::Step;
use super::{Steps, hold, private_folder};

const PACKAGE: &str = "chromium-headless-shell";
/// What apt is told that the machine has: the C library really, since the loader is the machine's; the others are
/// for windows, which there are none of, and would bring a compiler for graphics cards.
const PRESENT: [&str; 4] = ["libc6", "debconf", "x11-utils", "xdg-utils"];
/// Where there is no apt.
const ELSEWHERE: [&str; 4] = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

/// Starts Chromium with its libraries and fonts, from wherever this file lies.
const SCRIPT: &str = r#"#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
libraries=$(ls -d "$here"/root/usr/lib/*-linux-gnu* "$here"/root/lib/*-linux-gnu* "$here"/root/usr/lib/*-linux-gnu*/pulseaudio)
export LD_LIBRARY_PATH=$(echo "$libraries" | tr '\n' ':')
export FONTCONFIG_SYSROOT=$here/root
exec "$here/root/usr/lib/chromium/chromium-headless-shell" "$@"
"#;

/// A program that takes Chromium's flags.
#[derive(Clone, Debug)]
pub struct Chromium(PathBuf);

impl Chromium {
    /// Installs it, unless it is there. Several calls at once, also from several processes, wait for each other.
    ///
    /// # Errors
    /// Says what apt could not do, and what to install where there is no apt.
    pub async fn ready(steps: &Steps) -> Result<Self> {
        let private = private_folder()?;
        let _held = hold(&private).await?;
        let folder = private.join("chromium");
        let program = folder.join("chromium");
        let mut step = steps.begin("Chromium");
        // Written last.
        if program.exists() {
            step.done("is there");
            return Ok(Self(program));
        }
        if on_path("apt-get").all(|apt| !apt.exists()) {
            let found = first_that_runs(ELSEWHERE.into_iter().flat_map(on_path)).await;
            let (program, version) = found.context("no Chromium on the path; the page's tests need one")?;
            step.done(&format!("is this machine's {version}"));
            return Ok(Self(program));
        }
        step.takes_long("being installed with its libraries, some 116 MB");
        install(&folder, &mut step).await?;
        write_program(&program)?;
        let Some((_, version)) = first_that_runs([program.clone()].into_iter()).await else {
            std::fs::remove_file(&program)?;
            bail!("{} was unpacked and does not run: start it to see why", program.display());
        };
        step.done(&format!("is {version}"));
        Ok(Self(program))
    }

    /// What to start.
    pub fn program(&self) -> &Path {
        &self.0
    }
}

async fn install(folder: &Path, step: &mut Step) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    let apt = folder.join("apt");
    for part in ["lists/partial", "archives/partial"] {
        std::fs::create_dir_all(apt.join(part))?;
    }
    std::fs::write(apt.join("status"), status(&architecture().await?))?;
    follow(apt_get(&apt).arg("update"), |line| step.doing(line)).await?;
    let install = ["install", "--download-only", "--no-install-recommends", "--yes", PACKAGE];
    follow(apt_get(&apt).args(install), |line| step.doing(line)).await?;
    for package in std::fs::read_dir(apt.join("archives"))? {
        let package = package?.path();
        if package.extension().is_some_and(|extension| extension == "deb") {
            step.doing(&package.file_name().unwrap_or_default().to_string_lossy());
            follow(Command::new("dpkg-deb").arg("-x").arg(package).arg(folder.join("root")), |_| ()).await?;
        }
    }
    std::fs::remove_dir_all(apt)?;
    Ok(())
}

/// apt with lists, packages and a record of what is installed of its own, from the machine's sources.
fn apt_get(apt: &Path) -> Command {
    let mut command = Command::new("apt-get");
    for (option, file) in [("State", ""), ("State::lists", "lists"), ("State::status", "status")] {
        command.arg("-o").arg(format!("Dir::{option}={}", apt.join(file).display()));
    }
    command.arg("-o").arg(format!("Dir::Cache={}", apt.display()));
    command.args(["-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=root", "-q"]);
    command
}

async fn architecture() -> Result<String> {
    let output = Command::new("dpkg").arg("--print-architecture").output().await.context("dpkg")?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The record of what is installed, newer than anything asks for.
fn status(architecture: &str) -> String {
    let package = |name| {
        format!(
            "Package: {name}\nStatus: install ok installed\nArchitecture: {architecture}\nMulti-Arch: same\n\
             Version: 9999\nMaintainer: nobody\nDescription: taken for granted\n\n"
        )
    };
    PRESENT.map(package).concat()
}

fn write_program(program: &Path) -> Result<()> {
    std::fs::write(program, SCRIPT)?;
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755))?;
    Ok(())
}
