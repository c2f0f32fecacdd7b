//! Runs a scenario: starts loads when they are due, and waits for the last.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use rand::{SeedableRng, rngs::StdRng};
use rand_distr::{Distribution, Exp1};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    api::{Api, BaseUrl},
    arrivals::Arrivals,
    dial::RateDial,
    load::{Call, LoadKind},
    recorder::Recorder,
    report::Report,
    scenario::{ClosedEnd, ClosedLoop, Scenario, Shape},
    timeline::Timeline,
    user::User,
};

/// Why a scenario cannot be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// Nobody to ask as.
    #[error("the list of users is empty; a run needs at least one")]
    NoUsers,
    /// Its figures would mix two runs.
    #[error("the recorder already holds a run; each run needs its own")]
    RecorderUsed,
}

/// What the loads of one run share.
struct Session {
    load: LoadKind,
    api: Api,
    users: Vec<User>,
    next_user: AtomicUsize,
    recorder: Arc<Recorder>,
    dial: RateDial,
    in_flight_max: usize,
    in_flight: Arc<Semaphore>,
    tasks: TaskTracker,
    cancel: CancellationToken,
}

/// Runs the scenario to its end and reports on it; the last loads are waited for. Cancelled, it reports on what had
/// ended; the loads that were under way are abandoned.
pub async fn run(
    scenario: &Scenario,
    base_url: BaseUrl,
    users: Vec<User>,
    recorder: Arc<Recorder>,
    dial: RateDial,
    cancel: CancellationToken,
) -> Result<Report, RunError> {
    if users.is_empty() {
        return Err(RunError::NoUsers);
    }
    let start = recorder.begin().ok_or(RunError::RecorderUsed)?;
    let session = Arc::new(Session {
        load: scenario.load,
        api: Api::new(base_url, scenario.timeout),
        users,
        next_user: AtomicUsize::new(0),
        recorder,
        dial,
        in_flight_max: scenario.in_flight_max,
        in_flight: Arc::new(Semaphore::new(scenario.in_flight_max)),
        tasks: TaskTracker::new(),
        cancel,
    });
    match &scenario.shape {
        Shape::Open(timeline) => open_loop(&session, timeline, scenario.seed, start).await,
        Shape::Closed(closed) => closed_loop(&session, *closed, scenario.seed, start),
    }
    session.tasks.close();
    session.tasks.wait().await;
    Ok(session.recorder.report())
}

/// Each arrival is taken from the schedule, never from the last one's real time, so that delays do not add up.
async fn open_loop(session: &Arc<Session>, timeline: &Timeline, seed: u64, start: Instant) {
    let mut arrivals = Arrivals::new(timeline, seed);
    let mut factors = session.dial.subscribe();
    loop {
        let factor = *factors.borrow_and_update();
        let next_s = arrivals.next_s(factor);
        let due = start + Duration::from_secs_f64(next_s.unwrap_or(timeline.duration_s()));
        tokio::select! {
            biased;
            () = session.cancel.cancelled() => return,
            () = sleep_until(due) => match next_s {
                Some(at_s) => arrivals.arrive(at_s),
                None => return,
            },
            Ok(()) = factors.changed() => {
                arrivals.pass(start.elapsed().as_secs_f64(), factor);
                continue;
            }
        }
        session.start_load(due);
    }
}

fn closed_loop(session: &Arc<Session>, closed: ClosedLoop, seed: u64, start: Instant) {
    for number in 0..closed.users {
        let begin = start + Duration::from_secs_f64(closed.ramp_s * number as f64 / closed.users as f64);
        let draws = StdRng::seed_from_u64(seed.wrapping_add(number as u64));
        let user = session.clone().closed_user(number, closed, start, begin, draws);
        let cancel = session.cancel.clone();
        session.tasks.spawn(async move { cancel.run_until_cancelled(user).await });
    }
}

impl Session {
    /// A load that would be one too many is not sent, and not forgotten either: it failed.
    fn start_load(self: &Arc<Self>, intended: Instant) {
        let Ok(place) = self.in_flight.clone().try_acquire_owned() else {
            let cause = format!("not sent: {} loads were in flight", self.in_flight_max);
            return self.recorder.load_started(intended).end(Some(&cause));
        };
        let number = self.next_user.fetch_add(1, Relaxed);
        let session = self.clone();
        self.tasks.spawn(async move {
            session.cancel.run_until_cancelled(session.load(number, intended)).await;
            drop(place);
        });
    }

    async fn closed_user(
        self: Arc<Self>,
        number: usize,
        closed: ClosedLoop,
        start: Instant,
        begin: Instant,
        mut draws: StdRng,
    ) {
        let (loads, end) = match closed.end {
            ClosedEnd::AfterLoads(loads) => (loads, None),
            ClosedEnd::AfterSeconds(seconds) => (u32::MAX, Some(start + Duration::from_secs_f64(seconds))),
        };
        let mut intended = begin;
        for _ in 0..loads {
            if end.is_some_and(|end| intended >= end) {
                return;
            }
            sleep_until(intended).await;
            self.load(number, intended).await;
            intended = Instant::now() + self.think_time(closed.think_time_s, &mut draws);
        }
    }

    fn think_time(&self, mean_s: f64, draws: &mut StdRng) -> Duration {
        let drawn_of_mean_1: f64 = Exp1.sample(draws);
        Duration::try_from_secs_f64(drawn_of_mean_1 * mean_s / self.dial.factor().max(0.01))
            .unwrap_or_default()
    }

    /// One user loads his first screen; the first call that fails ends it.
    async fn load(&self, number: usize, intended: Instant) {
        let user = &self.users[number % self.users.len()];
        let underway = self.recorder.load_started(intended);
        for &call in self.load.calls() {
            if let Err(cause) = self.call(call, user).await {
                return underway.end(Some(&cause));
            }
        }
        underway.end(None);
    }

    async fn call(&self, call: Call, user: &User) -> Result<(), String> {
        let sent = Instant::now();
        let answer = self.api.get(&call.path(&user.portfolio_id), user).await;
        let answer = answer.map_err(|failure| format!("GET {call}: {failure}"));
        self.recorder.call_ended(call, sent, answer.as_ref().err().map(String::as_str));
        answer
    }
}
