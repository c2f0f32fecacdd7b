//! One round: every way to a dashboard once, and the bare handler beside it.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use localstack::{Process, Spec};
use tests::{Ground, Instance};

use crate::answers::Answers;
use crate::client::Connection;
use crate::pass::{Cost, Pass, Server};
use crate::requests::{Form, bare, dashboard};

/// How an answer comes about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    Memory,
    Compressed,
    Unchanged,
    Redis,
    Database,
}

/// What every way cost: the API, and the bare handler with the same bytes.
pub(super) struct Round {
    pub(super) costs: BTreeMap<Way, (Cost, Cost)>,
    /// Of a dashboard as it is, and compressed.
    pub(super) mean_bytes: (f64, f64),
}

/// Nobody is refused, and nothing changes meanwhile.
const SETTINGS: [(&str, &str); 3] =
    [("RATE_LIMIT_PER_S", "1000000"), ("RATE_LIMIT_BURST", "1000000"), ("PRICES_EVERY", "1h")];
/// A pass from memory then takes a second or two.
const REPEATS: usize = 10;

impl Way {
    pub(super) const ALL: [Self; 5] =
        [Self::Memory, Self::Compressed, Self::Unchanged, Self::Redis, Self::Database];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Memory => "from memory",
            Self::Compressed => "from memory, compressed",
            Self::Unchanged => "304, from memory",
            Self::Redis => "from Redis, memory empty",
            Self::Database => "from the database, caches empty",
        }
    }
}

/// Runs an instance until nothing is computed in the background any more: forecasts rest on the first prices, and
/// whoever gets new ones is read anew.
pub(super) async fn settle(ground: &Ground, tokens: &[String]) -> Result<()> {
    const QUIET_PASSES: usize = 3;
    let plain = requests(tokens, |_, token| dashboard(token, Form::Plain));
    let pass = Pass { requests: &plain, repeats: 1, status: 200, outcome: Some("memory; hit") };
    let instance = ground.instance("settling", &SETTINGS).await?;
    let deadline = Instant::now() + Duration::from_mins(1);
    let mut quiet = 0;
    while quiet < QUIET_PASSES {
        ensure!(Instant::now() < deadline, "dashboards still change after a minute");
        quiet = if pass.run(server(&instance)?).is_ok() { quiet + 1 } else { 0 };
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    instance.stop().await;
    Ok(())
}

impl Round {
    pub(super) async fn run(
        ground: &Ground,
        folder: &Path,
        tokens: &[String],
        number: usize,
    ) -> Result<Self> {
        let name = format!("round{number}");
        let plain = requests(tokens, |_, token| dashboard(token, Form::Plain));
        let once = |outcome| Pass { requests: &plain, repeats: 1, status: 200, outcome: Some(outcome) };

        let instance = ground.instance(&name, &SETTINGS).await?;
        let database = once("redis; fwd=uri-miss").run(server(&instance)?);
        instance.stop().await;
        let instance = ground.instance(&name, &SETTINGS).await?;
        let redis = once("redis; hit").run(server(&instance)?)?;

        let answers = Answers::fetch(instance.port(), tokens)?;
        let handler = Bare::start(&answers, folder, &name).await?;
        let mut costs = {
            // They take turns, since who goes first may find the machine as the last pass left it.
            let api_goes_first = !number.is_multiple_of(2);
            from_memory(server(&instance)?, handler.server()?, tokens, &answers, api_goes_first)?
        };
        handler.process.stop(Duration::from_secs(5)).await;
        instance.stop().await;
        let (_, bare) = costs[&Way::Memory];
        costs.extend([(Way::Redis, (redis, bare)), (Way::Database, (database?, bare))]);
        let mean_bytes = (Answers::mean_bytes(&answers.plain), Answers::mean_bytes(&answers.zstd));
        Ok(Self { costs, mean_bytes })
    }
}

/// The ways from memory, each next to the bare handler's.
fn from_memory(
    api: Server,
    handler: Server,
    tokens: &[String],
    answers: &Answers,
    api_goes_first: bool,
) -> Result<BTreeMap<Way, (Cost, Cost)>> {
    let tags = &answers.tags;
    let ways = [Way::Memory, Way::Compressed, Way::Unchanged].map(|way| {
        let form = move |user: usize| match way {
            Way::Compressed => Form::Zstd,
            Way::Unchanged => Form::Unless(&tags[user]),
            _ => Form::Plain,
        };
        let status = if way == Way::Unchanged { 304 } else { 200 };
        let own = requests(tokens, |user, token| dashboard(token, form(user)));
        let other = requests(tokens, |user, token| bare(user, token, form(user)));
        let own = Pass { requests: &own, repeats: REPEATS, status, outcome: Some("memory; hit") };
        let other = Pass { requests: &other, repeats: REPEATS, status, outcome: None };
        if api_goes_first {
            Ok((way, (own.run(api)?, other.run(handler)?)))
        } else {
            let other = other.run(handler)?;
            Ok((way, (own.run(api)?, other)))
        }
    });
    ways.into_iter().collect()
}

fn requests(tokens: &[String], request: impl Fn(usize, &str) -> Vec<u8>) -> Vec<Vec<u8>> {
    tokens.iter().enumerate().map(|(user, token)| request(user, token)).collect()
}

fn server(instance: &Instance) -> Result<Server> {
    Ok(Server { port: instance.port(), pid: instance.pid().context("the instance has ended")? })
}

/// The bare handler as a process of its own.
struct Bare {
    process: Process,
    port: u16,
}

impl Bare {
    async fn start(answers: &Answers, folder: &Path, round: &str) -> Result<Self> {
        let bodies = folder.join(round);
        answers.save(&bodies)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let process = Spec::new("bare handler", std::env::current_exe()?, &folder.join("bare.log"))
            .arg("bare")
            .arg(&bodies)
            .arg(port.to_string())
            .spawn()?;
        let deadline = Instant::now() + Duration::from_secs(30);
        while Connection::open(port).is_err() {
            ensure!(Instant::now() < deadline, "the bare handler did not start; {}", process.log_tail());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Self { process, port })
    }

    fn server(&self) -> Result<Server> {
        Ok(Server { port: self.port, pid: self.process.pid().context("the bare handler has ended")? })
    }
}
