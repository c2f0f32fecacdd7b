//! `controller schema`: the form of what `decide` takes and tells, and of the configuration, as JSON Schemas made from
//! the types themselves.

use std::io::Write;
use std::process::ExitCode;

use clap::ValueEnum;
use scaling::{Decision, Observation};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, schema_for};

use super::Failure;
use crate::config;

/// What has a schema.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Subject {
    /// A line that `decide` takes
    Observation,
    /// A line that `decide` tells
    Decision,
    /// The configuration file
    Config,
}

pub(super) fn print(subject: Subject, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let schema = serde_json::to_string_pretty(&of(subject)).map_err(anyhow::Error::from)?;
    writeln!(out, "{schema}")?;
    Ok(ExitCode::SUCCESS)
}

fn of(subject: Subject) -> Schema {
    match subject {
        Subject::Observation => schema_for!(Observation),
        Subject::Decision => told::<Decision>(),
        Subject::Config => config::schema(),
    }
}

/// Of what is told and not taken: what is always there is required, even where it may be null.
fn told<T: JsonSchema>() -> Schema {
    SchemaSettings::default().for_serialize().into_generator().into_root_schema_for::<T>()
}
