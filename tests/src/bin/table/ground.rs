//! What the table is measured on: PostgreSQL and Redis with their users, and one instance of the API at a time.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use localstack::{Postgres, Process, Provisioned, Redis, Spec};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use traffic::{RateDial, Recorder, Scenario, Summary, User};

const SECRET: &str = "the table's secret, of no use elsewhere";

/// The servers, with their users.
pub(super) struct Ground {
    provisioned: Provisioned,
    postgres: Postgres,
    redis: Redis,
    users: Vec<User>,
}

impl Ground {
    pub(super) async fn prepare(provisioned: Provisioned, folder: &Path, users: u32) -> Result<Self> {
        let servers = &provisioned.servers;
        let (postgres, redis) =
            tokio::try_join!(Postgres::start(servers, folder), Redis::start(servers, folder))?;
        let tokens = folder.join("users.tsv");
        let seed = ["seed", "--users", &users.to_string(), "--tokens-out", &tokens.to_string_lossy()];
        for words in [&["migrate"][..], &seed] {
            let mut api = tokio::process::Command::new(&provisioned.programs.api);
            api.args(words).env("DATABASE_URL", postgres.url("postgres")).env("JWT_SECRET", SECRET);
            ensure!(api.kill_on_drop(true).status().await?.success(), "`api {}` failed", words[0]);
        }
        Ok(Self { users: User::load_all(&tokens)?, provisioned, postgres, redis })
    }

    pub(super) async fn stop(self) {
        tokio::join!(self.postgres.stop(), self.redis.stop());
    }

    /// An instance that knows nothing: neither its memory nor its part of Redis.
    pub(super) async fn instance(&self, folder: &Path, name: &str) -> Result<Instance> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = folder.join(format!("{name}.log"));
        let process = Spec::new(name, &self.provisioned.programs.api, &log)
            .args(["serve".to_owned(), "--listen".to_owned(), format!("127.0.0.1:{port}")])
            .env("DATABASE_URL", self.postgres.url("postgres"))
            .env("REDIS_URL", self.redis.url())
            .env("REDIS_NAMESPACE", name)
            .env("JWT_SECRET", SECRET)
            .spawn()?;
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
pub(super) struct Instance {
    process: Process,
    port: u16,
}

impl Instance {
    pub(super) async fn load(&self, load: &str, users: u32, how: &str, ground: &Ground) -> Result<Summary> {
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

    pub(super) async fn stop(self) {
        self.process.stop(Duration::from_secs(40)).await;
    }
}
