//! The main job, as a newcomer runs it: everything started, a surge, a view of what happens, and a verdict.

mod comparison;
mod history;
mod interrupt;
mod load;
mod measure;
mod page;
mod screen;
mod trial;
mod verdict;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio_util::sync::CancellationToken;
use traffic::{RateDial, Recorder, User};

use self::interrupt::Interrupt;
use self::load::Load;
use self::measure::Measured;
use self::screen::{Places, Screen};
use crate::host::unix_now_s;
use crate::{LocalCloud, Logs, Provisioned, Setup, Steps};
pub use comparison::{Comparison, Run};
pub use history::{History, Sample};
pub use trial::Trial;
pub use verdict::{Expectation, Outcome, Verdict};

/// Who is told the verdict when a scenario is over.
pub type Over<'a> = dyn Fn(&Verdict) -> Result<()> + Sync + 'a;

/// A run of the main job.
#[derive(Clone, Debug)]
pub struct Demo {
    /// What to start.
    pub setup: Setup,
    /// The load.
    pub trial: Trial,
    /// Whether to draw; otherwise a line now and then.
    pub screen: bool,
    /// Where lines go that would garble the drawing.
    pub logs: Logs,
}

impl Demo {
    /// Provisions, starts, runs the scenario, judges it and stops everything. `over` is told the verdict as soon as the
    /// scenario is over, which with a load that goes on is long before the end.
    ///
    /// # Errors
    /// Something did not start, the load broke down, the run was interrupted, or `over` failed.
    pub async fn run(&self, steps: &Steps, over: &Over<'_>) -> Result<Verdict> {
        let interrupt = Interrupt::on_signals()?;
        // What is being installed or built by then ends with the dropped future.
        let provisioned = tokio::select! {
            provisioned = Provisioned::ready(steps) => provisioned?,
            () = interrupt.asked() => bail!("interrupted while setting up"),
        };
        tokio::select! {
            verdict = Box::pin(self.on(&provisioned, &interrupt, steps, over)) => verdict,
            // Every process is killed with the task that holds it, at the latest with the runtime.
            () = interrupt.insisted() => bail!("interrupted twice, so nothing was stopped in order"),
        }
    }

    async fn on(
        &self,
        provisioned: &Provisioned,
        interrupt: &Interrupt,
        steps: &Steps,
        over: &Over<'_>,
    ) -> Result<Verdict> {
        // What has started by then ends with the dropped future.
        let cloud = tokio::select! {
            cloud = LocalCloud::start(provisioned, &self.setup, steps) => cloud?,
            () = interrupt.asked() => bail!("interrupted while starting"),
        };
        let verdict = self.watch(&cloud, interrupt, over).await;
        eprintln!("  stopping (Ctrl-C: at once); logs and journal stay in {}", cloud.folder().display());
        cloud.stop().await;
        verdict
    }

    async fn watch(&self, cloud: &LocalCloud, interrupt: &Interrupt, over: &Over<'_>) -> Result<Verdict> {
        let dial = RateDial::default();
        let history = Arc::new(History::new(self.setup.pace));
        let scenario = self.trial.scenario();
        let recorder = Arc::new(Recorder::new(scenario.objective_s, scenario.timeout.as_secs_f64()));
        let quit = CancellationToken::new();
        let page = page::serve(Arc::clone(&history), dial.clone(), quit.clone()).await?;
        let log = cloud.folder().join("demo.log");
        // Dropped after the screen, so that nothing is written to a terminal that is still drawn on.
        let _diverted = self.screen.then(|| self.logs.diverted_to(&log)).transpose()?;
        let places = Places { page_url: page.url.clone(), log };
        let screen = Screen::new(self.screen, places, dial.clone(), interrupt.clone());

        let started_s = next_whole_second().await;
        let load = self.load(cloud, Arc::clone(&recorder), dial, quit.clone())?;
        let judging = async {
            let judged = async {
                self.until_over(&load).await;
                let samples = history.samples().clone();
                let measured =
                    Measured { cloud, scenario, recorder: &recorder, samples: &samples, started_s };
                let verdict = Verdict::of(measured.outcome().await?, Expectation::of(scenario));
                screen.over(&verdict);
                over(&verdict)?;
                anyhow::Ok(verdict)
            };
            let verdict =
                tokio::select! { verdict = judged => Some(verdict), () = interrupt.asked() => None };
            if self.trial.goes_on() && matches!(verdict, Some(Ok(_))) {
                tokio::select! { () = interrupt.asked() => {}, () = load.ended() => {} }
            }
            quit.cancel();
            verdict
        };
        let observing = history::observe(cloud, &history, &recorder, &screen, started_s, &quit);
        let (verdict, ()) = tokio::join!(judging, observing);
        drop(screen);
        page.stopped().await;
        load.result().await?;
        verdict.context("interrupted before the scenario was over")?
    }

    fn load(
        &self,
        cloud: &LocalCloud,
        recorder: Arc<Recorder>,
        dial: RateDial,
        stop: CancellationToken,
    ) -> Result<Load> {
        let users = User::load_all(&cloud.tokens())?;
        Ok(Load::start(self.trial.load(), cloud.url().parse()?, users, recorder, dial, stop))
    }

    /// Until the scenario is over, everybody has an answer, and the last period has been published.
    async fn until_over(&self, load: &Load) {
        let kept_for_s =
            self.trial.scenario().duration_s().filter(|_| self.trial.goes_on()).unwrap_or(f64::INFINITY);
        let kept_for = Duration::try_from_secs_f64(kept_for_s).unwrap_or(Duration::MAX);
        tokio::select! { () = tokio::time::sleep(kept_for) => {}, () = load.ended() => {} }
        tokio::time::sleep(self.setup.pace.period + Duration::from_millis(500)).await;
    }
}

/// Begins runs on a whole second of the wall clock, so that the load's seconds and CloudWatch's periods coincide.
async fn next_whole_second() -> f64 {
    let now_s = unix_now_s();
    let next_s = now_s.ceil();
    tokio::time::sleep(Duration::from_secs_f64(next_s - now_s)).await;
    next_s
}
