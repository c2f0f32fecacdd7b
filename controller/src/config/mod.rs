//! What the operator wrote, validated: a [`Config`] that exists is one that the daemon can run.
//!
//! The file is read into a [tree](tree) whose values know their line, the environment's overrides are put into the
//! same tree, and [sections](section) take typed values out of it. Every problem is collected, so that one run
//! of `controller check` shows them all.

mod calendar;
mod environment;
mod form;
mod group;
mod policy;
mod problem;
mod read;
mod section;
mod tree;
mod values;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use scaling::Policy;

use crate::journal::Location;

pub use environment::Variables;
pub use problem::{ConfigError, Problem};

/// The JSON Schema of the file.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(form::File)
}

/// Everything that the daemon is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// How often each group is looked at and decided on.
    pub tick: Duration,
    /// Where `/healthz`, `/readyz`, `/metrics` and `/state` are served.
    pub listen: SocketAddr,
    /// Where the journal is: a file, or a PostgreSQL database that several daemons share.
    pub journal: Location,
    /// How long the journal keeps decisions that acted or changed their reason.
    pub retention: Duration,
    /// How it logs.
    pub log: Log,
    /// How AWS is reached.
    pub aws: aws::Connection,
    /// When metrics are read.
    pub metrics: Timing,
    /// The CloudWatch namespace under which a sign of life is published, if one is.
    pub heartbeat: Option<String>,
    /// The groups that are scaled, at least one, by unique names.
    pub groups: Vec<Group>,
}

/// How the daemon logs, always to standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// For people or for machines.
    pub format: LogFormat,
    /// The least severe level that is written.
    pub level: tracing::Level,
}

/// For whom the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One readable line an event.
    Human,
    /// One JSON object an event.
    Json,
}

/// When a period's metrics are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// The metrics' period in seconds: 60 on an ALB, whole minutes or a high resolution where it is published.
    pub period_s: u32,
    /// Seconds from a period's end until its datapoints are taken as published.
    pub publish_delay_s: u32,
}

/// One Auto Scaling group and what is in front of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Where its metrics are; `auto_scaling_group` is its name.
    pub dimensions: aws::metrics::Dimensions,
    /// What is asked of it.
    pub policy: Policy,
}

impl Group {
    /// The group's name, unique in the configuration.
    pub fn name(&self) -> &str {
        &self.dimensions.auto_scaling_group
    }
}

impl Config {
    /// Reads the file at `path`, with this process's `CONTROLLER_*` variables over it.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::unreadable(path, &error))?;
        Self::parse(&path.display().to_string(), &text, &environment::of_process())
    }

    /// Reads a file's text, with `variables` over it. `file` is its name in errors.
    pub fn parse(file: &str, text: &str, variables: &Variables) -> Result<Self, ConfigError> {
        read::config(text, variables).map_err(|problems| ConfigError { file: file.to_owned(), problems })
    }

    /// The group of this name.
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.name() == name)
    }

    /// `newer`, but with what cannot be changed without a restart left as it is.
    pub(crate) fn reloaded(&self, newer: Self) -> Self {
        let Self { listen, journal, log, aws, .. } = self.clone();
        Self { listen, journal, log, aws, ..newer }
    }

    /// What differs in `newer` and cannot be changed without a restart.
    pub(crate) fn fixed_differences(&self, newer: &Self) -> Vec<&'static str> {
        [
            ("listen", self.listen != newer.listen),
            ("journal", self.journal != newer.journal),
            ("log", self.log != newer.log),
            ("aws", self.aws != newer.aws),
        ]
        .into_iter()
        .filter_map(|(key, differs)| differs.then_some(key))
        .collect()
    }
}
