//! The Auto Scaling group: instances that boot, serve, leave, and are billed all the while.

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand_distr::{Distribution, StandardNormal};

use crate::plant::{Boot, Plant};

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
    launches: u64,
    boots_s: Vec<f64>,
    billed_s: f64,
    standby_s: f64,
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
            launches: u64::from(size),
            boots_s: Vec::new(),
            billed_s: 0.0,
            standby_s: 0.0,
            billed_standby_until: 0.0,
        }
    }

    /// The instances that serve.
    pub fn serving(&self) -> &[Instance] {
        &self.serving
    }

    /// The desired capacity.
    pub fn desired(&self) -> u32 {
        self.desired
    }

    /// Lets the instances serve whose boot is over at `now`.
    pub fn settle(&mut self, now: f64) {
        if self.pending.iter().all(|instance| instance.ready_at > now) {
            return;
        }
        let ready = self.pending.extract_if(.., |instance| instance.ready_at <= now);
        for instance in ready {
            self.boots_s.push(instance.ready_at - instance.launched_at);
            self.serving.push(instance);
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
        while self.len() < desired as usize {
            self.launch(now);
        }
        while self.len() > desired as usize {
            self.terminate(now);
        }
        true
    }

    /// The group as AWS describes it; boots are told once.
    pub fn describe(&mut self) -> scaling::Fleet {
        scaling::Fleet {
            desired: self.desired,
            in_service: self.serving.len() as u32,
            pending: self.pending.len() as u32,
            min: *self.plant.bounds.start(),
            max: *self.plant.bounds.end(),
            boots_s: std::mem::take(&mut self.boots_s),
        }
    }

    /// Closes the bill at `now`.
    pub fn bill(mut self, now: f64) -> Bill {
        self.bill_standby(now);
        let running = self.serving.iter().chain(&self.pending);
        let billed_s = self.billed_s + running.map(|instance| now - instance.launched_at).sum::<f64>();
        Bill { instance_s: billed_s + self.standby_s, standby_s: self.standby_s, launches: self.launches }
    }

    fn len(&self) -> usize {
        self.serving.len() + self.pending.len()
    }

    fn launch(&mut self, now: f64) {
        let standing_by = self.plant.warm_pool.filter(|pool| self.len() < pool.prepared as usize);
        let boot = standing_by.map_or(self.plant.boot, |pool| pool.boot);
        let ready_at = now + boot_s(boot, self.seed, self.launches);
        self.pending.push(Instance { index: self.launches, launched_at: now, ready_at });
        self.launches += 1;
    }

    /// The pending instance that would be ready last leaves first; else the one that has served longest.
    fn terminate(&mut self, now: f64) {
        let last = (0..self.pending.len())
            .max_by(|a, b| self.pending[*a].ready_at.total_cmp(&self.pending[*b].ready_at));
        let (instance, drain_s) = match last {
            Some(place) => (self.pending.swap_remove(place), 0.0),
            None => (self.serving.remove(0), self.plant.drain_s),
        };
        self.billed_s += now - instance.launched_at + drain_s;
    }

    fn bill_standby(&mut self, now: f64) {
        if let Some(pool) = self.plant.warm_pool {
            let standing_by = pool.prepared.saturating_sub(self.desired);
            self.standby_s += f64::from(standing_by) * pool.standby_share * (now - self.billed_standby_until);
        }
        self.billed_standby_until = now;
    }
}

/// What a run has cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bill {
    /// Seconds of one running instance, those of standing by included at their share.
    pub instance_s: f64,
    /// The part of them that is for standing by.
    pub standby_s: f64,
    /// Instances launched, those included that the run began with.
    pub launches: u64,
}

/// The boot time of the launch with this index: the same whatever was launched, or not, before it.
fn boot_s(boot: Boot, seed: u64, index: u64) -> f64 {
    // Any odd multiplier keeps launches apart; this one is the golden ratio's, as in SplitMix64.
    let mut random = StdRng::seed_from_u64(seed ^ index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let normal: f64 = StandardNormal.sample(&mut random);
    boot.median_s * (boot.sigma() * normal).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boots_are_lognormal_with_their_median_and_p90() {
        let boot = Plant::default().boot;
        let mut drawn: Vec<f64> = (0..4000).map(|index| boot_s(boot, 7, index)).collect();
        drawn.sort_by(f64::total_cmp);
        assert!((drawn[2000] / 150.0 - 1.0).abs() < 0.03);
        assert!((drawn[3600] / 240.0 - 1.0).abs() < 0.04);
    }

    #[test]
    fn scaling_in_takes_the_pending_instance_that_would_be_ready_last() {
        let plant = Plant::default();
        let mut fleet = Fleet::new(&plant, 1, 2);
        fleet.set_desired(0.0, 5);
        let last = fleet.pending.iter().map(|i| i.ready_at).fold(0.0, f64::max);
        fleet.set_desired(10.0, 4);
        assert_eq!((fleet.serving.len(), fleet.pending.len()), (2, 2));
        assert!(fleet.pending.iter().all(|i| i.ready_at < last));
    }

    #[test]
    fn an_instance_is_billed_from_its_launch_and_while_it_drains() {
        let plant = Plant::default();
        let mut fleet = Fleet::new(&plant, 1, 3);
        fleet.set_desired(100.0, 4);
        fleet.settle(10_000.0);
        fleet.set_desired(10_000.0, 3);
        let bill = fleet.bill(20_000.0);
        assert!((bill.instance_s - (10_060.0 + 2.0 * 20_000.0 + 19_900.0)).abs() < 1e-9);
    }

    #[test]
    fn a_warm_pool_is_billed_at_its_share_and_its_instances_boot_faster() {
        let pool = WarmPoolOf::default_size(10);
        let plant = Plant { warm_pool: Some(pool), ..Plant::default() };
        let mut fleet = Fleet::new(&plant, 1, 4);
        fleet.set_desired(1_000.0, 12);
        let boots: Vec<f64> = fleet.pending.iter().map(|i| i.ready_at - i.launched_at).collect();
        assert!(boots[..6].iter().all(|s| *s < 60.0) && boots[6..].iter().all(|s| *s > 60.0));
        let bill = fleet.bill(2_000.0);
        assert!((bill.standby_s - 6.0 * 0.1 * 1_000.0).abs() < 1e-9);
    }

    struct WarmPoolOf;

    impl WarmPoolOf {
        fn default_size(prepared: u32) -> crate::plant::WarmPool {
            let boot = Boot { median_s: 25.0, p90_s: 40.0 };
            crate::plant::WarmPool { prepared, boot, standby_share: 0.1 }
        }
    }

    #[test]
    fn the_bounds_hold() {
        let plant = Plant::default();
        let mut fleet = Fleet::new(&plant, 1, 2);
        fleet.set_desired(0.0, 1_000);
        assert_eq!(fleet.desired(), 40);
        fleet.set_desired(0.0, 0);
        assert_eq!(fleet.desired(), 2);
    }
}
