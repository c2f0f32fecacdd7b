//! PostgreSQL refuses to run as root, so root runs it as somebody else.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result, bail};
use nix::unistd::{Gid, Uid, chown, geteuid};
use tokio::process::Command;

use crate::process;
use crate::provision::Servers;

/// `nobody` and `nogroup`, on Debian and elsewhere.
const NOBODY: u32 = 65_534;

/// As whom PostgreSQL runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unprivileged {
    /// As ourselves, who are not root.
    Ourselves,
    /// As root in a user namespace of its own, where root is somebody else to it while the files stay ours: nothing
    /// has to be made readable to another user.
    Namespace,
    /// As nobody, where namespaces are not allowed, as in most containers. The checkout must then be readable to all.
    Nobody,
}

impl Unprivileged {
    /// The first way that works here.
    pub(super) async fn find(servers: &Servers) -> Result<Self> {
        if !geteuid().is_root() {
            return Ok(Self::Ourselves);
        }
        for way in [Self::Namespace, Self::Nobody] {
            if way.runs(servers).await {
                return Ok(way);
            }
        }
        bail!(
            "PostgreSQL does not run as root, and neither as another user: user namespaces are not allowed here, \
             and `nobody` may not read {}. Move the project to a folder that every user may read, or run this as \
             another user than root",
            servers.postgres_bin.display()
        )
    }

    /// A command that runs `program` so.
    pub(super) fn command(self, program: &Path) -> Command {
        let mut words = self.wrapper().into_iter().map(OsString::from).chain([program.into()]);
        let mut command = process::command(words.next().unwrap_or_default());
        command.args(words);
        command
    }

    /// The program that starts another one so, and its first words.
    pub(super) fn wrapper(self) -> Vec<String> {
        // The parent-death signal does not survive a change of credentials, so it is set once more inside.
        let words: &[&str] = match self {
            Self::Ourselves => &[],
            Self::Namespace => &[
                "unshare",
                "--user",
                "--map-user=1000",
                "--map-group=1000",
                "--",
                "setpriv",
                "--pdeathsig",
                "INT",
                "--",
            ],
            Self::Nobody => {
                &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--pdeathsig", "INT", "--"]
            }
        };
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    /// Makes a folder that it may write into.
    pub(super) fn own(self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        if self == Self::Nobody {
            chown(folder, Some(Uid::from_raw(NOBODY)), Some(Gid::from_raw(NOBODY)))?;
        }
        Ok(())
    }

    async fn runs(self, servers: &Servers) -> bool {
        let output = self.command(&servers.postgres_bin.join("postgres")).arg("--version").output().await;
        output.is_ok_and(|output| output.status.success())
    }
}
