//! One pass: every user asks once or several times, over a few kept connections, each waiting for its answer.

use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use localstack::used_s;

use crate::client::Connection;

/// Enough to keep two threads busy.
const CONNECTIONS: usize = 8;

/// A server that is measured.
#[derive(Clone, Copy)]
pub(super) struct Server {
    pub(super) port: u16,
    pub(super) pid: u32,
}

/// What is asked, and what must be answered.
pub(super) struct Pass<'a> {
    /// By user.
    pub(super) requests: &'a [Vec<u8>],
    pub(super) repeats: usize,
    pub(super) status: u16,
    /// The `Cache-Status` that makes the pass what its name says.
    pub(super) outcome: Option<&'static str>,
}

/// What a pass took.
#[derive(Clone, Copy)]
pub(super) struct Cost {
    /// Answers a second.
    pub(super) rate: f64,
    /// CPU time of the server's process for an answer, in microseconds.
    pub(super) cpu_us: f64,
}

/// So many answers may come from elsewhere: a document can be renewed or dropped in between.
const STRAYS: f64 = 0.01;

impl Pass<'_> {
    pub(super) fn run(&self, server: Server) -> Result<Cost> {
        let cpu = || used_s(server.pid).context("the server is gone");
        let (began, cpu_before) = (Instant::now(), cpu()?);
        let strays = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..CONNECTIONS).map(|first| scope.spawn(move || self.share(first, server.port))).collect();
            let ended = threads.into_iter().map(|thread| match thread.join() {
                Ok(strays) => strays,
                Err(_panic) => bail!("a client panicked"),
            });
            ended.sum::<Result<usize>>()
        })?;
        let (elapsed_s, cpu_s) = (began.elapsed().as_secs_f64(), cpu()? - cpu_before);
        let answers = (self.requests.len() * self.repeats) as f64;
        ensure!(
            strays as f64 <= answers * STRAYS,
            "{strays} of {answers} answers were not {:?}",
            self.outcome
        );
        Ok(Cost { rate: answers / elapsed_s, cpu_us: cpu_s * 1e6 / answers })
    }

    /// Every so many-th request; how many answers came from elsewhere.
    fn share(&self, first: usize, port: u16) -> Result<usize> {
        let mut connection = Connection::open(port)?;
        let mut strays = 0;
        for _ in 0..self.repeats {
            for request in self.requests.iter().skip(first).step_by(CONNECTIONS) {
                let answer = connection.ask(request)?;
                ensure!(answer.status == self.status, "status {} and not {}", answer.status, self.status);
                strays += usize::from(answer.header("cache-status") != self.outcome);
            }
        }
        Ok(strays)
    }
}
