//! A machine for each instance. Processes that share one computer do not have a machine each, so a profile gives them one:
//! so many requests in service at once, so much service time each, and a first-come-first-served queue for the rest.

use std::{sync::Mutex, time::Duration};

use rand::{SeedableRng, rngs::StdRng};
use rand_distr::{Distribution, LogNormal};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep},
};

use crate::{lock::lock, profile::Profile, readings::InstanceReading};

/// One instance of that size. It is shared by all target groups in which the instance is registered.
#[derive(Debug)]
pub(crate) struct Machine {
    instance_id: String,
    slots: usize,
    service_s: LogNormal<f64>,
    draws: Mutex<StdRng>,
    /// Tokio's semaphore is first come, first served, and a waiter that is dropped gives up its place.
    free: Semaphore,
    busy: Mutex<BusyTime>,
}

/// The integral of slots in service over time, so that a request counts in the periods in which it ran.
#[derive(Debug)]
struct BusyTime {
    in_service: usize,
    slot_s: f64,
    counted_until: Instant,
    period_start: Instant,
}

struct BusySlot<'a>(&'a Mutex<BusyTime>);

impl Machine {
    pub(crate) fn new(instance_id: &str, profile: Profile) -> Self {
        let now = Instant::now();
        Self {
            instance_id: instance_id.to_owned(),
            slots: profile.slots(),
            service_s: profile.service_s(),
            draws: Mutex::new(StdRng::seed_from_u64(profile.seed_of(instance_id))),
            free: Semaphore::new(profile.slots()),
            busy: Mutex::new(BusyTime { in_service: 0, slot_s: 0.0, counted_until: now, period_start: now }),
        }
    }

    /// Waits for a slot, then holds it until the work is done and the drawn service time is over.
    /// Work that fails frees its slot at once; a dropped future frees its slot or its place in the queue.
    pub(crate) async fn serve<T, E>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let _slot = self.free.acquire().await;
        let _busy = BusySlot::take(&self.busy);
        let service = async {
            sleep(self.draw_service_time()).await;
            Ok(())
        };
        tokio::try_join!(work, service).map(|(done, ())| done)
    }

    /// What was used since the last call.
    pub(crate) fn take_period(&self) -> InstanceReading {
        let mut busy = lock(&self.busy);
        busy.count(0);
        let observed_s = (busy.counted_until - busy.period_start).as_secs_f64();
        busy.period_start = busy.counted_until;
        InstanceReading {
            instance_id: self.instance_id.clone(),
            slots: self.slots,
            busy_slot_s: std::mem::take(&mut busy.slot_s),
            observed_s,
        }
    }

    fn draw_service_time(&self) -> Duration {
        Duration::from_secs_f64(self.service_s.sample(&mut *lock(&self.draws)))
    }
}

impl BusyTime {
    fn count(&mut self, change: isize) {
        let now = Instant::now();
        self.slot_s += self.in_service as f64 * (now - self.counted_until).as_secs_f64();
        self.counted_until = now;
        self.in_service = self.in_service.saturating_add_signed(change);
    }
}

impl<'a> BusySlot<'a> {
    fn take(busy: &'a Mutex<BusyTime>) -> Self {
        lock(busy).count(1);
        Self(busy)
    }
}

impl Drop for BusySlot<'_> {
    fn drop(&mut self) {
        lock(self.0).count(-1);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        future::{Ready, ready},
        sync::Arc,
    };

    use tokio::{task::JoinSet, time::timeout};

    use super::*;

    fn at_once() -> Ready<Result<(), Infallible>> {
        ready(Ok(()))
    }

    fn machine(slots: usize, mean_s: f64, cv: f64) -> Arc<Machine> {
        Arc::new(Machine::new("i-1", Profile::new(slots, mean_s, cv, 7).unwrap()))
    }

    /// Mean latency in seconds of `users` without think time, each asking `asks` times.
    async fn closed_loop(machine: &Arc<Machine>, users: usize, asks: usize) -> f64 {
        let mut tasks = JoinSet::new();
        for _ in 0..users {
            let machine = machine.clone();
            tasks.spawn(async move {
                let started = Instant::now();
                for _ in 0..asks {
                    machine.serve(at_once()).await.unwrap();
                }
                started.elapsed().as_secs_f64() / asks as f64
            });
        }
        tasks.join_all().await.iter().sum::<f64>() / users as f64
    }

    #[tokio::test(start_paused = true)]
    async fn more_users_than_slots_wait_in_proportion() {
        for (cv, tolerance) in [(0.0, 0.02), (0.5, 0.05)] {
            for users in [8, 40, 80] {
                let expected_s = users as f64 * 0.4 / 8.0;
                let mean_s = closed_loop(&machine(8, 0.4, cv), users, 100).await;
                let error = (mean_s / expected_s - 1.0).abs();
                assert!(
                    error < tolerance,
                    "{users} users, cv {cv}: {mean_s:.3} s, expected {expected_s:.3} s"
                );
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn fewer_users_than_slots_do_not_wait() {
        assert!((closed_loop(&machine(8, 0.4, 0.0), 5, 10).await - 0.4).abs() < 0.002);
    }

    #[tokio::test(start_paused = true)]
    async fn work_slower_than_the_drawn_time_counts_in_full() {
        let started = Instant::now();
        let slow = async {
            sleep(Duration::from_secs(3)).await;
            Ok::<_, Infallible>(())
        };
        machine(1, 0.4, 0.0).serve(slow).await.unwrap();
        assert_eq!(started.elapsed().as_secs(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_leaves_the_queue_frees_the_place() {
        let machine = machine(1, 1.0, 0.0);
        let first = tokio::spawn({
            let machine = machine.clone();
            async move { machine.serve(at_once()).await }
        });
        tokio::task::yield_now().await;
        let gave_up = timeout(Duration::from_millis(500), machine.serve(at_once())).await;
        assert!(gave_up.is_err());
        let started = Instant::now();
        machine.serve(at_once()).await.unwrap();
        assert!(
            (started.elapsed().as_secs_f64() - 1.5).abs() < 0.01,
            "half the first's second, then its own"
        );
        first.await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn busy_time_belongs_to_the_period_in_which_it_passed() {
        let machine = machine(4, 10.0, 0.0);
        let work = tokio::spawn({
            let machine = machine.clone();
            async move { machine.serve(at_once()).await }
        });
        sleep(Duration::from_secs(6)).await;
        let first = machine.take_period();
        work.await.unwrap().unwrap();
        sleep(Duration::from_secs(4)).await;
        let second = machine.take_period();
        assert!((first.busy_slot_s - 6.0).abs() < 0.01 && (first.utilization() - 0.25).abs() < 0.01);
        assert!((second.busy_slot_s - 4.0).abs() < 0.01 && (second.utilization() - 0.125).abs() < 0.01);
    }

    #[tokio::test(start_paused = true)]
    async fn equal_seeds_draw_equal_times() {
        assert_eq!(machine(1, 0.4, 0.5).draw_service_time(), machine(1, 0.4, 0.5).draw_service_time());
    }
}
