//! The Auto Scaling group: instances that boot, serve, fail, leave, and are billed all the while.

mod activity;
mod bill;
mod fate;
#[cfg(test)]
mod tests;

use crate::plant::Plant;

pub use activity::{FailedActivity, Failure};
pub use bill::Bill;

/// One instance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instance {
    /// Its place in the order of launches: its name, and what its boot time is drawn by.
    pub index: u64,
    /// When it was launched, in seconds.
    pub launched_at: f64,
    /// When it serves, in seconds.
    pub ready_at: f64,
}

/// The group and its bill.
#[derive(Debug)]
pub struct Fleet<'a> {
    plant: &'a Plant,
    seed: u64,
    desired: u32,
    serving: Vec<Instance>,
    pending: Vec<Instance>,
    /// In service by their state, and failing their health checks.
    unhealthy: Vec<Instance>,
    attempts: u64,
    launches: u64,
    /// After a launch was refused: when the group tries again.
    retries_at: Option<f64>,
    failed: Vec<FailedActivity>,
    boots_s: Vec<f64>,
    bill: Bill,
    billed_standby_until: f64,
}

impl<'a> Fleet<'a> {
    /// A group of `size` instances that serve from second 0.
    pub fn new(plant: &'a Plant, seed: u64, size: u32) -> Self {
        let serving = (0..u64::from(size)).map(|index| Instance { index, launched_at: 0.0, ready_at: 0.0 });
        Self {
            plant,
            seed,
            desired: size,
            serving: serving.collect(),
            pending: Vec::new(),
            unhealthy: Vec::new(),
            attempts: 0,
            launches: u64::from(size),
            retries_at: None,
            failed: Vec::new(),
            boots_s: Vec::new(),
            bill: Bill::default(),
            billed_standby_until: 0.0,
        }
    }

    /// The instances that serve.
    pub fn serving(&self) -> &[Instance] {
        &self.serving
    }

    /// Instances in service by their state, whether they serve or not.
    pub fn in_service(&self) -> usize {
        self.serving.len() + self.unhealthy.len()
    }

    /// The desired capacity.
    pub fn desired(&self) -> u32 {
        self.desired
    }

    /// What has happened by `now`: boots that are over, health checks that failed for too long, launches tried again.
    pub fn settle(&mut self, now: f64) {
        self.finish_boots(now);
        self.replace_unhealthy(now);
        if self.retries_at.is_some_and(|at| at <= now) {
            self.launch_missing(now);
        }
    }

    fn finish_boots(&mut self, now: f64) {
        if self.pending.iter().all(|instance| instance.ready_at > now) {
            return;
        }
        for instance in self.pending.extract_if(.., |instance| instance.ready_at <= now) {
            if fate::passes_health_checks(self.plant, self.seed, instance.index) {
                self.boots_s.push(instance.ready_at - instance.launched_at);
                self.serving.push(instance);
            } else {
                self.unhealthy.push(instance);
            }
        }
    }

    /// An instance that fails its health checks is left alone for the grace period, then terminated and replaced.
    fn replace_unhealthy(&mut self, now: f64) {
        let grace_s = self.plant.faults.grace_s;
        let over = |instance: &mut Instance| instance.ready_at + grace_s <= now;
        let terminated: Vec<Instance> = self.unhealthy.extract_if(.., over).collect();
        for instance in &terminated {
            self.failed.push(FailedActivity { at: now, failure: Failure::HealthCheck });
            self.bill.run(now - instance.launched_at);
        }
        if !terminated.is_empty() {
            self.launch_missing(now);
        }
    }

    /// Sets the desired capacity, launching and terminating what that takes. Returns whether it changed.
    pub fn set_desired(&mut self, now: f64, desired: u32) -> bool {
        let desired = self.plant.clamp(desired);
        if desired == self.desired {
            return false;
        }
        self.bill_standby(now);
        self.desired = desired;
        self.launch_missing(now);
        while self.len() > desired as usize {
            self.terminate(now);
        }
        true
    }

    /// The group as AWS describes it; boots are told once.
    pub fn describe(&mut self) -> scaling::Fleet {
        scaling::Fleet {
            desired: self.desired,
            in_service: self.in_service() as u32,
            pending: self.pending.len() as u32,
            min: *self.plant.bounds.start(),
            max: *self.plant.bounds.end(),
            boots_s: std::mem::take(&mut self.boots_s),
        }
    }

    /// Closes the bill at `now`; with it, the activities that failed.
    pub fn close(mut self, now: f64) -> (Bill, Vec<FailedActivity>) {
        self.bill_standby(now);
        let running = self.serving.iter().chain(&self.pending).chain(&self.unhealthy);
        running.for_each(|instance| self.bill.run(now - instance.launched_at));
        (self.bill, self.failed)
    }

    fn len(&self) -> usize {
        self.in_service() + self.pending.len()
    }

    /// Launches what the desired capacity asks for, until a launch is refused: then all that is missing waits for the
    /// next attempt, as all of it asks the same pool for capacity.
    fn launch_missing(&mut self, now: f64) {
        self.retries_at = None;
        while self.len() < self.desired as usize {
            self.attempts += 1;
            if fate::is_refused(self.plant, self.seed, self.attempts) {
                self.failed.push(FailedActivity { at: now, failure: Failure::InsufficientCapacity });
                self.retries_at = Some(now + self.plant.faults.retry_s);
                return;
            }
            self.launch(now);
        }
    }

    fn launch(&mut self, now: f64) {
        let standing_by = self.plant.warm_pool.filter(|pool| self.len() < pool.prepared as usize);
        let boot = standing_by.map_or(self.plant.boot, |pool| pool.boot);
        let ready_at = now + fate::boot_s(boot, self.seed, self.launches);
        self.pending.push(Instance { index: self.launches, launched_at: now, ready_at });
        self.launches += 1;
    }

    /// The pending instance that would be ready last leaves first; then one that is unhealthy; then the one that has
    /// served longest.
    fn terminate(&mut self, now: f64) {
        let last = (0..self.pending.len())
            .max_by(|a, b| self.pending[*a].ready_at.total_cmp(&self.pending[*b].ready_at));
        let idle = last.map(|place| self.pending.swap_remove(place)).or_else(|| self.unhealthy.pop());
        let (instance, drain_s) = match idle {
            Some(instance) => (instance, 0.0),
            None => (self.serving.remove(0), self.plant.drain_s),
        };
        self.bill.run(now - instance.launched_at + drain_s);
    }

    fn bill_standby(&mut self, now: f64) {
        if let Some(pool) = self.plant.warm_pool {
            let standing_by = f64::from(pool.prepared.saturating_sub(self.desired));
            self.bill.stand_by(standing_by * pool.standby_share * (now - self.billed_standby_until));
        }
        self.billed_standby_until = now;
    }
}
