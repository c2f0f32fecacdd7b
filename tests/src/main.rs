//! The project's second command: sets everything up, runs every test there is, and leaves nothing behind.
//!
//! `cargo run --bin tests` runs all; words after `--` go to `cargo test`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use localstack::{Postgres, Provisioned, Redis, Steps, cargo};
use tokio::process::Command;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => {
            println!("all tests passed; no process was left behind");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let steps = Steps::shown();
    let provisioned = Provisioned::ready(&steps).await?;
    let folder = provisioned.run_folder("tests")?;
    let step = steps.begin("Servers for tests");
    let postgres = Postgres::start(&provisioned.servers, &folder).await?;
    let redis = Redis::start(&provisioned.servers, &folder).await?;
    step.done("listen on free ports");
    let tested = test(&provisioned, &postgres, &redis).await;
    tokio::join!(postgres.stop(), redis.stop());
    tested?;
    nothing_is_left(&provisioned.root)
}

async fn test(provisioned: &Provisioned, postgres: &Postgres, redis: &Redis) -> Result<()> {
    let extension = provisioned.root.join("localstack/extension");
    for (program, words) in [
        ("ruff", vec!["check", "."]),
        ("ruff", vec!["format", "--check", "."]),
        ("mypy", vec![]),
        ("pytest", vec!["-q"]),
    ] {
        succeed(Command::new(provisioned.venv.program(program)).args(words).current_dir(&extension)).await?;
    }
    // A word such as `-p scaling` chooses; beside `--workspace` it would not.
    let chosen: Vec<std::ffi::OsString> = std::env::args_os().skip(1).collect();
    let words = if chosen.is_empty() { vec!["--workspace".into()] } else { chosen };
    let mut test = cargo();
    test.args(["test", "--locked"]).args(words).current_dir(&provisioned.root);
    test.env("TEST_DATABASE_URL", postgres.url("postgres")).env("TEST_REDIS_URL", redis.url());
    succeed(&mut test).await
}

async fn succeed(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    let status = command.kill_on_drop(true).status().await.with_context(|| shown(command))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// The command as one would type it, its program by name.
fn shown(command: &Command) -> String {
    let command = command.as_std();
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = [program].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Every process that the local cloud starts has the private folder, or one of our programs, in its command line.
fn nothing_is_left(root: &Path) -> Result<()> {
    let marks = [root.join(".local"), root.join("target/debug/api"), root.join("target/debug/controller")];
    let left: Vec<String> =
        processes().filter(|line| marks.iter().any(|mark| line.contains(&*mark.to_string_lossy()))).collect();
    if !left.is_empty() {
        bail!("the tests left processes behind:\n  {}", left.join("\n  "));
    }
    Ok(())
}

/// The command lines of all processes.
fn processes() -> impl Iterator<Item = String> {
    let folders = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let command_lines = folders.filter_map(|folder| std::fs::read(folder.path().join("cmdline")).ok());
    command_lines.map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " "))
}
