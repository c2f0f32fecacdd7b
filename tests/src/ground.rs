//! What the API is measured on: PostgreSQL and Redis with their users, and an instance of it at a time.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use localstack::{Postgres, Provisioned, Redis, seed};
use tokio_util::sync::CancellationToken;
use traffic::{RateDial, Recorder, Scenario, Summary, User};

use crate::Instance;

const SECRET: &str = "the measurements' secret, of no use elsewhere";

/// The servers, with their users.
#[derive(Debug)]
pub struct Ground {
    api: PathBuf,
    /// What every instance is told.
    env: Vec<(String, String)>,
    postgres: Postgres,
    redis: Redis,
    /// Where the logs are.
    folder: PathBuf,
    /// A line a user: bearer token, tab, portfolio id.
    tokens: PathBuf,
    users: Vec<User>,
}

impl Ground {
    /// Starts the servers in `folder` and seeds so many users.
    ///
    /// # Errors
    /// A server or the seeding failed.
    pub async fn prepare(provisioned: Provisioned, folder: &Path, users: u32) -> Result<Self> {
        let servers = &provisioned.servers;
        let (postgres, redis) =
            tokio::try_join!(Postgres::start(servers, folder), Redis::start(servers, folder))?;
        let env = env(&[
            ("DATABASE_URL", &postgres.url("postgres")),
            ("REDIS_URL", &redis.url()),
            ("JWT_SECRET", SECRET),
        ]);
        let api = provisioned.programs.api;
        let tokens = seed(&api, &env, users, folder).await?;
        let (folder, users) = (folder.to_owned(), User::load_all(&tokens)?);
        Ok(Self { api, env, postgres, redis, folder, tokens, users })
    }

    /// The users' bearer tokens.
    ///
    /// # Errors
    /// The file that the seeding wrote cannot be read.
    pub fn tokens(&self) -> Result<Vec<String>> {
        let lines = std::fs::read_to_string(&self.tokens)?;
        Ok(lines.lines().filter_map(|line| Some(line.split_once('\t')?.0.to_owned())).collect())
    }

    /// Stops the servers.
    pub async fn stop(self) {
        tokio::join!(self.postgres.stop(), self.redis.stop());
    }

    /// A ready instance whose memory is empty; what Redis keeps under `namespace` is its own, or shared with others
    /// of that namespace.
    ///
    /// # Errors
    /// It was not ready within a minute.
    pub async fn instance(&self, namespace: &str, settings: &[(&str, &str)]) -> Result<Instance> {
        let own = env(&[("REDIS_NAMESPACE", namespace)]);
        let env = [&self.env[..], &own, &env(settings)].concat();
        Instance::start(namespace, &self.api, &env, &self.folder).await
    }

    /// What the first `users` see who come `how` (lines of a scenario's `[closed]`) to `instance` for this `load`.
    ///
    /// # Errors
    /// The load could not be run; that requests failed is none.
    pub async fn load(&self, instance: &Instance, load: &str, users: u32, how: &str) -> Result<Summary> {
        let text =
            format!("name = \"table\"\nseed = 1\nload = \"{load}\"\n[closed]\nusers = {users}\n{how}\n");
        let scenario = Scenario::parse(&text, Path::new("table.toml"))?;
        let recorder = Arc::new(Recorder::new(scenario.objective_s, scenario.timeout.as_secs_f64()));
        let base_url = format!("http://127.0.0.1:{}", instance.port()).parse()?;
        let known = self.users[..users as usize].to_vec();
        let stop = CancellationToken::new();
        let report = traffic::run(&scenario, base_url, known, recorder, RateDial::default(), stop).await?;
        for (cause, times) in &report.causes {
            eprintln!("  {times} failed: {cause}");
        }
        Ok(report.loads)
    }
}

/// Variables of an environment.
pub fn env(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
