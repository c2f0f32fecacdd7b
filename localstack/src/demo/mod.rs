//! The main job, as a newcomer runs it: everything started, a surge, a view of what happens, and a verdict.

mod history;
mod measure;
mod page;
mod screen;
mod verdict;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use traffic::{BaseUrl, RateDial, Recorder, Scenario, User};

use self::measure::Measured;
use self::screen::{Places, Screen};
use crate::host::unix_now_s;
use crate::{LocalCloud, Logs, Provisioned, Setup, Steps};
pub use history::{History, Sample};
pub use verdict::{Expectation, Outcome, Verdict};

/// A run of the main job.
#[derive(Clone, Debug)]
pub struct Demo {
    /// What to start.
    pub setup: Setup,
    /// The load.
    pub scenario: Scenario,
    /// Whether to go on after the scenario, until Ctrl-C, with the load at the operator's hand.
    pub keep: bool,
    /// Whether to draw; otherwise a line now and then.
    pub screen: bool,
    /// Where lines go that would garble the drawing.
    pub logs: Logs,
}

impl Demo {
    /// Provisions, starts, runs the scenario, judges it and stops everything.
    ///
    /// # Errors
    /// Something did not start, or the run was interrupted.
    pub async fn run(&self, steps: &Steps) -> Result<Verdict> {
        let provisioned = Provisioned::ready(steps).await?;
        // What has started by then ends with the dropped future.
        let cloud = tokio::select! {
            cloud = LocalCloud::start(&provisioned, &self.setup, steps) => Arc::new(cloud?),
            () = interrupted() => bail!("interrupted while starting"),
        };
        let outcome = self.watch(&cloud).await;
        let cloud = Arc::into_inner(cloud).context("somebody still looks at the cloud")?;
        eprintln!("  stopping; logs and journal stay in {}", cloud.folder().display());
        cloud.stop().await;
        outcome
    }

    async fn watch(&self, cloud: &Arc<LocalCloud>) -> Result<Verdict> {
        let dial = RateDial::default();
        let history = Arc::new(History::new(self.setup.pace));
        let recorder =
            Arc::new(Recorder::new(self.scenario.objective_s, self.scenario.timeout.as_secs_f64()));
        let (quit, interrupt) = (CancellationToken::new(), CancellationToken::new());
        let page = page::serve(Arc::clone(&history), dial.clone(), quit.clone()).await?;
        let log = cloud.folder().join("demo.log");
        // Dropped after the screen, so that nothing is written to a terminal that is still drawn on.
        let _diverted = self.screen.then(|| self.logs.diverted_to(&log)).transpose()?;
        let places = Places { page_url: page.url.clone(), log };
        let screen = Screen::new(self.screen, places, dial.clone(), interrupt.clone());
        let signals = tokio::spawn(interrupt_on_signal(interrupt.clone()));

        let started_s = next_whole_second().await;
        let (load, ended) = self.load(cloud, Arc::clone(&recorder), dial, quit.clone())?;
        let load = tokio::spawn(load);
        let observing = tokio::spawn({
            let (cloud, history, recorder) = (Arc::clone(cloud), Arc::clone(&history), Arc::clone(&recorder));
            let quit = quit.clone();
            async move { history::observe(&cloud, &history, &recorder, &screen, started_s, &quit).await }
        });
        let judged = interrupt.run_until_cancelled(async {
            self.until_over(&ended).await;
            let samples = history.samples();
            let scenario = &self.scenario;
            Measured { cloud, scenario, recorder: &recorder, samples: &samples, started_s }.outcome().await
        });
        let outcome = judged.await;
        if self.keep && outcome.is_some() {
            interrupt.cancelled().await;
        }
        quit.cancel();
        signals.abort();
        load.await??;
        observing.await?;
        page.stopped().await;
        let outcome = outcome.context("interrupted before the scenario was over")??;
        Ok(Verdict::of(outcome, Expectation::of(&self.scenario)))
    }

    /// The load, and what it cancels at its end.
    fn load(
        &self,
        cloud: &LocalCloud,
        recorder: Arc<Recorder>,
        dial: RateDial,
        stop: CancellationToken,
    ) -> Result<(impl Future<Output = Result<traffic::Report, traffic::RunError>> + use<>, CancellationToken)>
    {
        let users = User::load_all(&cloud.tokens())?;
        let base_url: BaseUrl = cloud.url().parse()?;
        let scenario = if self.keep { self.scenario.clone().kept() } else { self.scenario.clone() };
        let ended = CancellationToken::new();
        let at_the_end = ended.clone().drop_guard();
        let load = async move {
            let _ended = at_the_end;
            traffic::run(&scenario, base_url, users, recorder, dial, stop).await
        };
        Ok((load, ended))
    }

    /// Until the scenario is over, everybody has an answer, and the last period has been published.
    async fn until_over(&self, ended: &CancellationToken) {
        match self.scenario.duration_s() {
            Some(duration_s) if self.keep => tokio::time::sleep(Duration::from_secs_f64(duration_s)).await,
            _ => ended.cancelled().await,
        }
        tokio::time::sleep(self.setup.pace.period + Duration::from_millis(500)).await;
    }
}

async fn interrupt_on_signal(interrupt: CancellationToken) {
    interrupted().await;
    interrupt.cancel();
}

/// Ctrl-C, or whatever else asks this process to end.
async fn interrupted() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Begins runs on a whole second of the wall clock, so that the load's seconds and CloudWatch's periods coincide.
async fn next_whole_second() -> f64 {
    let now_s = unix_now_s();
    let next_s = now_s.ceil();
    tokio::time::sleep(Duration::from_secs_f64(next_s - now_s)).await;
    next_s
}
