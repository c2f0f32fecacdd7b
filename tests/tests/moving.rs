//! The beta's database moves, and moves back: the runbook's commands, out of its text, on two real servers.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use localstack::{Postgres, Provisioned, Steps};
use nix::sys::signal::Signal;

const RUNBOOK: &str = include_str!("../../infra/RUNBOOK.md");
/// What the beta has, as `api` found it.
const BETA: &str = include_str!("../../api/migrations/0001_tables.sql");
/// For what another process does in milliseconds, on a machine that has other work.
const PATIENCE: Duration = Duration::from_mins(1);

/// The blocks of commands of the chapter: the first gives names, each of the others is a step.
struct Chapter {
    names: &'static str,
    steps: Vec<&'static str>,
}

impl Chapter {
    fn read() -> Self {
        let (_, chapter) = RUNBOOK.split_once("## Moving the beta's database").unwrap();
        let (chapter, _) = chapter.split_once("\n## ").unwrap();
        let blocks = chapter.split("```sh\n").skip(1).map(|rest| rest.split_once("```").unwrap().0);
        let mut blocks = blocks.map(str::trim_end);
        Self { names: blocks.next().unwrap(), steps: blocks.collect() }
    }
}

/// The old server and the new one, each with an empty database.
struct Move {
    old: Postgres,
    new: Postgres,
    folder: PathBuf,
    /// Where PostgreSQL's programs and ours are found.
    path: String,
}

impl Move {
    async fn prepare(name: &str) -> Self {
        let provisioned = Provisioned::ready(&Steps::silent()).await.unwrap();
        let folder = provisioned.run_folder(name).unwrap();
        let programs = provisioned.programs.api.parent().unwrap();
        let path = [&provisioned.servers.postgres_bin, programs].map(|folder| folder.to_str().unwrap());
        let path = format!("{}:{}", path.join(":"), std::env::var("PATH").unwrap());
        let start = async |side: &str| {
            let folder = folder.join(side);
            std::fs::create_dir_all(&folder).unwrap();
            Postgres::start(&provisioned.servers, &folder).await.unwrap()
        };
        let (old, new) = tokio::join!(start("old"), start("new"));
        let mut prepared = Self { old, new, folder, path };
        for server in ["old", "new"] {
            let url = prepared.url(server, "postgres");
            prepared.psql(&url, "ALTER SYSTEM SET wal_level = logical");
            prepared.psql(&url, "CREATE DATABASE exstrat");
            // As RDS has it, and our servers for tests do not: what is committed is in the log by then, and so is missed.
            prepared.psql(&url, "ALTER DATABASE exstrat SET synchronous_commit = on");
        }
        for server in [&mut prepared.old, &mut prepared.new] {
            server.server().end(Signal::SIGINT).await.unwrap();
            server.server().resume().await.unwrap();
        }
        prepared
    }

    fn url(&self, server: &str, database: &str) -> String {
        if server == "old" { self.old.url(database) } else { self.new.url(database) }
    }

    /// On a server's database of ExStrat.
    fn ask(&self, server: &str, sql: &str) -> String {
        self.psql(&self.url(server, "exstrat"), sql)
    }

    fn psql(&self, url: &str, sql: &str) -> String {
        let mut psql = self.command("psql");
        succeeded(psql.args(["-v", "ON_ERROR_STOP=1", "-qAtc", sql, url]).output().unwrap())
    }

    /// A block of the runbook, as an engineer would type it.
    fn run(&self, chapter: &Chapter, step: &str) -> Output {
        let text = format!("set -euo pipefail\n{}\n{step}", chapter.names);
        let mut bash = self.command("bash");
        bash.args(["-c", &text]).current_dir(&self.folder);
        bash.env("old", self.url("old", "exstrat")).env("new", self.url("new", "exstrat"));
        bash.output().unwrap()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("PATH", &self.path).env_remove("DATABASE_URL");
        command
    }

    /// Servers do what they do whenever they do it, so this polls.
    fn eventually(&self, chapter: &Chapter, step: &str) {
        let began = Instant::now();
        loop {
            let output = self.run(chapter, step);
            if output.status.success() {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{step}\n{output:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    async fn end(self) {
        tokio::join!(self.old.stop(), self.new.stop());
    }
}

fn succeeded(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// The beta: its tables and one that the API does not know, with a sequence.
fn beta_lives(both: &Move) {
    both.ask("old", BETA);
    both.ask("old", "CREATE TABLE audit (id serial PRIMARY KEY, what text)");
    both.ask("old", "INSERT INTO audit (what) SELECT 'signed in' FROM generate_series(1, 3)");
    signs_up(both, "old", "before");
}

fn signs_up(both: &Move, server: &str, id: &str) {
    both.ask(server, &format!(r#"INSERT INTO "User" (id, email, password) VALUES ('{id}', '{id}@x', '')"#));
}

/// The application's users, as the first deployment makes it.
fn role_is_made(both: &Move) {
    let (_, after) = RUNBOOK.split_once("```sql\n").unwrap();
    both.ask("new", after.split_once("```").unwrap().0);
}

fn users(both: &Move, url: &str) -> String {
    both.psql(url, r#"SELECT string_agg(id, ' ' ORDER BY "createdAt") FROM "User""#)
}

#[tokio::test]
async fn no_write_is_lost_there_and_back() {
    let chapter = Chapter::read();
    let [follow, even, cut_over, way_back, roll_back, _] = chapter.steps[..] else {
        panic!("the chapter has other steps: {:?}", chapter.steps)
    };
    let both = Move::prepare("moving").await;
    beta_lives(&both);
    role_is_made(&both);

    succeeded(both.run(&chapter, follow));
    both.eventually(&chapter, even);
    signs_up(&both, "old", "meanwhile");
    both.eventually(&chapter, even);
    succeeded(both.run(&chapter, cut_over));
    succeeded(both.run(&chapter, way_back));

    // The application, by a user of its own, sees all of it and goes on.
    let application = both.new.url_as("exstrat_api_a", "exstrat");
    assert_eq!(users(&both, &application), "before meanwhile");
    let mut check = both.command("api");
    check.arg("check").env("DATABASE_URL", &application);
    check.env("FLEET_MAX", "2").env("JWT_SECRET", "the move's secret, of no use elsewhere");
    let api = check.output().unwrap();
    assert!(api.status.success(), "{}", String::from_utf8_lossy(&api.stdout));
    both.ask("old", "ALTER SUBSCRIPTION back DISABLE");
    both.eventually(&chapter, r#"test "$(psql -Atc "SELECT active FROM pg_replication_slots" "$new")" = f"#);
    both.psql(&application, r#"INSERT INTO "User" (id, email, password) VALUES ('after', 'after@x', '')"#);
    both.psql(&application, r#"DELETE FROM "User" WHERE id = 'before'"#);
    assert_eq!(both.ask("new", "INSERT INTO audit (what) VALUES ('after') RETURNING id"), "4");

    let too_early = both.run(&chapter, roll_back);
    assert!(!too_early.status.success(), "the old side does not have what was written");
    both.ask("old", "ALTER SUBSCRIPTION back ENABLE");
    both.eventually(&chapter, roll_back);
    assert_eq!(users(&both, &both.url("old", "exstrat")), "meanwhile after");
    assert_eq!(both.ask("old", "INSERT INTO audit (what) VALUES ('back') RETURNING id"), "5");
    for server in ["old", "new"] {
        let left = "SELECT (SELECT count(*) FROM pg_replication_slots) + (SELECT count(*) FROM pg_subscription) \
                    + (SELECT count(*) FROM pg_publication)";
        assert_eq!(both.ask(server, left), "0", "{server}");
    }
    both.end().await;
}

#[tokio::test]
async fn a_small_one_is_dumped_and_restored() {
    let chapter = Chapter::read();
    let both = Move::prepare("moving-small").await;
    beta_lives(&both);
    role_is_made(&both);
    succeeded(both.run(&chapter, chapter.steps.last().unwrap()));
    assert_eq!(users(&both, &both.new.url_as("exstrat_api_b", "exstrat")), "before");
    assert_eq!(both.ask("new", "INSERT INTO audit (what) VALUES ('after') RETURNING id"), "4");
    assert!(Path::new(&both.folder).join("exstrat.dump").exists());
    both.end().await;
}
