//! What the API is measured on: PostgreSQL and Redis with their users, and an instance of it at a time.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use localstack::{Postgres, Process, Provisioned, Redis, Spec};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use traffic::{RateDial, Recorder, Scenario, Summary, User};

/// A line a user: bearer token, tab, portfolio id.
const TOKENS: &str = "users.tsv";
const SECRET: &str = "the measurements' secret, of no use elsewhere";

/// The servers, with their users.
#[derive(Debug)]
pub struct Ground {
    provisioned: Provisioned,
    postgres: Postgres,
    redis: Redis,
    /// Where the logs are.
    folder: PathBuf,
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
        let tokens = folder.join(TOKENS);
        let seed = ["seed", "--users", &users.to_string(), "--tokens-out", &tokens.to_string_lossy()];
        for words in [&["migrate"][..], &seed] {
            let mut api = tokio::process::Command::new(&provisioned.programs.api);
            api.args(words).env("DATABASE_URL", postgres.url("postgres")).env("JWT_SECRET", SECRET);
            ensure!(api.kill_on_drop(true).status().await?.success(), "`api {}` failed", words[0]);
        }
        let folder = folder.to_owned();
        Ok(Self { users: User::load_all(&tokens)?, folder, provisioned, postgres, redis })
    }

    /// The users' bearer tokens.
    ///
    /// # Errors
    /// The file that the seeding wrote cannot be read.
    pub fn tokens(&self) -> Result<Vec<String>> {
        let lines = std::fs::read_to_string(self.folder.join(TOKENS))?;
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
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = self.folder.join(format!("{namespace}.log"));
        let spec = Spec::new(namespace, &self.provisioned.programs.api, &log)
            .args(["serve".to_owned(), "--listen".to_owned(), format!("127.0.0.1:{port}")])
            .env("DATABASE_URL", self.postgres.url("postgres"))
            .env("REDIS_URL", self.redis.url())
            .env("REDIS_NAMESPACE", namespace)
            .env("JWT_SECRET", SECRET);
        let process = settings.iter().fold(spec, |spec, (name, value)| spec.env(name, *value)).spawn()?;
        let deadline = Instant::now() + Duration::from_mins(1);
        while !is_ready(port).await {
            ensure!(Instant::now() < deadline, "the instance is not ready: {}", log.display());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(Instance { process, port })
    }
}

async fn is_ready(port: u16) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let request = "GET /health/ready HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer.starts_with("HTTP/1.1 200"))
    };
    ask.await.unwrap_or(false)
}

/// One process that serves.
#[derive(Debug)]
pub struct Instance {
    process: Process,
    port: u16,
}

impl Instance {
    /// Its process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.process.pid()
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the first `users` see who come `how` (lines of a scenario's `[closed]`) for this `load`.
    ///
    /// # Errors
    /// The load could not be run; that requests failed is none.
    pub async fn load(&self, load: &str, users: u32, how: &str, ground: &Ground) -> Result<Summary> {
        let text =
            format!("name = \"table\"\nseed = 1\nload = \"{load}\"\n[closed]\nusers = {users}\n{how}\n");
        let scenario = Scenario::parse(&text, Path::new("table.toml"))?;
        let recorder = Arc::new(Recorder::new(scenario.objective_s, scenario.timeout.as_secs_f64()));
        let base_url = format!("http://127.0.0.1:{}", self.port).parse()?;
        let known = ground.users[..users as usize].to_vec();
        let stop = CancellationToken::new();
        let report = traffic::run(&scenario, base_url, known, recorder, RateDial::default(), stop).await?;
        for (cause, times) in &report.causes {
            eprintln!("  {times} failed: {cause}");
        }
        Ok(report.loads)
    }

    /// Stops it, requests under way first.
    pub async fn stop(self) {
        self.process.stop(Duration::from_secs(40)).await;
    }
}
