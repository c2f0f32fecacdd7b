//! How a command fails, and with which exit code.

use std::io;
use std::process::ExitCode;

use crate::config::ConfigError;
use crate::journal::JournalError;

/// A command that failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The configuration cannot be used.
    #[error("invalid configuration\n{0}")]
    Config(#[from] ConfigError),
    /// AWS cannot be reached at all.
    #[error(transparent)]
    Connect(#[from] aws::ConnectError),
    /// A call to AWS failed.
    #[error(transparent)]
    Aws(#[from] aws::Error),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// What was to be said cannot be.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
    /// Anything else.
    #[error("{0:#}")]
    Other(#[from] anyhow::Error),
}

impl Failure {
    /// Whoever read the output has seen enough, as in `history | head`: no failure of ours.
    pub(super) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// The documented exit code.
    pub fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Output(_) | Self::Other(_) => 1,
            Self::Config(_) => 3,
            Self::Connect(_) | Self::Aws(_) => 4,
            Self::Journal(_) => 5,
        })
    }
}
