//! The project's second command: sets everything up, runs every test there is, and leaves nothing behind.
//!
//! `cargo run --bin tests` runs all; words after `--` go to `cargo test`.

mod infra;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use infra::Terraform;
use localstack::{Chromium, Postgres, Provisioned, Redis, RedisCluster, Steps, cargo};
use tests::{adopt_orphans, left_behind};
use tokio::process::Command;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(terraform) => {
            println!("all tests passed; no process and no port was left behind");
            if terraform == Terraform::Absent {
                println!("infra was NOT checked: that takes `terraform`, which is not on the path");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<Terraform> {
    adopt_orphans().context("cannot look after the tests' processes")?;
    let steps = Steps::shown();
    let provisioned = Provisioned::ready(&steps).await?;
    let tested = test_on_servers(&provisioned, &steps).await;
    let left = nothing_is_left(&provisioned);
    // Tests that failed are the reason; what they left behind is said besides.
    if let (Err(_), Err(error)) = (&tested, &left) {
        eprintln!("also: {error:#}");
    }
    tested.and_then(|terraform| left.map(|()| terraform))
}

async fn test_on_servers(provisioned: &Provisioned, steps: &Steps) -> Result<Terraform> {
    let folder = provisioned.run_folder("tests")?;
    let step = steps.begin("Servers for tests");
    let postgres = Postgres::start(&provisioned.servers, &folder).await?;
    let redis = Redis::start(&provisioned.servers, &folder).await?;
    let cluster = RedisCluster::start(&provisioned.servers, &folder).await?;
    step.done("listen on free ports");
    // A word such as `-p scaling` chooses; beside `--workspace` it would not.
    let chosen: Vec<OsString> = std::env::args_os().skip(1).collect();
    let servers = [
        ("TEST_DATABASE_URL", postgres.url("postgres")),
        ("TEST_REDIS_URL", redis.url()),
        ("TEST_REDIS_CLUSTER_URL", cluster.url()),
    ];
    let tested = test(provisioned, servers, chosen, steps).await;
    tokio::join!(postgres.stop(), redis.stop(), cluster.stop());
    tested
}

async fn test(
    provisioned: &Provisioned,
    servers: [(&str, String); 3],
    chosen: Vec<OsString>,
    steps: &Steps,
) -> Result<Terraform> {
    let checks = async {
        for folder in ["localstack/extension", "infra"] {
            test_python(provisioned, &provisioned.root.join(folder)).await?;
        }
        if chosen.is_empty() { infra::check(&provisioned.root).await } else { Ok(Terraform::NotAsked) }
    };
    // Only `cargo test` needs the browser, so it comes while the other checks run.
    let (terraform, chromium) = tokio::try_join!(checks, Chromium::ready(steps))?;
    let words = if chosen.is_empty() { vec!["--workspace".into()] } else { chosen };
    let mut test = cargo();
    test.args(["test", "--locked"]).args(words).current_dir(&provisioned.root);
    test.envs(servers).env("TEST_CHROMIUM", chromium.program());
    succeed(&mut test).await?;
    Ok(terraform)
}

async fn test_python(provisioned: &Provisioned, folder: &Path) -> Result<()> {
    for (program, words) in [
        ("ruff", vec!["check", "."]),
        ("ruff", vec!["format", "--check", "."]),
        ("mypy", vec![]),
        ("pytest", vec!["-q"]),
    ] {
        let mut check = Command::new(provisioned.venv.program(program));
        check.args(words).current_dir(folder).env("TEST_API", &provisioned.programs.api);
        succeed(&mut check).await?;
    }
    Ok(())
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

fn nothing_is_left(provisioned: &Provisioned) -> Result<()> {
    // The checkout holds the private folder; the programs are wherever cargo puts them.
    let programs = [&provisioned.programs.api, &provisioned.programs.controller];
    let mut folders = vec![provisioned.root.as_path()];
    folders.extend(programs.iter().filter_map(|program| program.parent()));
    let left = left_behind(&folders, Duration::from_secs(5));
    if !left.is_empty() {
        let each: Vec<String> = left.iter().map(ToString::to_string).collect();
        bail!("processes were left behind:\n  {}", each.join("\n  "));
    }
    Ok(())
}
