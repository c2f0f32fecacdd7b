//! The instances as the load balancer knows them: registered, draining, gone.

use rand::RngExt;
use rand::rngs::SmallRng;

use crate::fleet::Instance;
use crate::plant::{Plant, Routing};

/// Every instance that still has something to do.
#[derive(Debug)]
pub(super) struct Servers<'a> {
    plant: &'a Plant,
    all: Vec<Server>,
    /// The places in `all` that the load balancer may send to.
    targets: Vec<usize>,
    next_target: usize,
}

#[derive(Debug)]
pub(super) struct Server {
    index: u64,
    /// When each slot is free, as far as requests have been promised to it.
    free_at: Vec<f64>,
    outstanding: u32,
    /// The end of its draining, once it leaves. What is not answered by then is lost.
    gone_at: Option<f64>,
}

impl<'a> Servers<'a> {
    pub(super) fn none(plant: &'a Plant) -> Self {
        Self { plant, all: Vec::new(), targets: Vec::new(), next_target: 0 }
    }

    /// Registers the instances that are new, and lets those drain that are not there any more.
    pub(super) fn register(&mut self, now: f64, instances: &[Instance]) {
        let known = self.targets.iter().map(|place| self.all[*place].index);
        if known.eq(instances.iter().map(|instance| instance.index)) {
            return;
        }
        for place in std::mem::take(&mut self.targets) {
            let server = &mut self.all[place];
            if instances.iter().all(|instance| instance.index != server.index) {
                server.gone_at = Some(now + self.plant.drain_s);
            }
        }
        self.targets = instances.iter().map(|instance| self.place_of(instance.index)).collect();
    }

    /// Where the instance stands; a new one takes the place of one that is gone.
    fn place_of(&mut self, index: u64) -> usize {
        let registered = |server: &Server| server.index == index && server.gone_at.is_none();
        if let Some(place) = self.all.iter().position(registered) {
            return place;
        }
        let server =
            Server { index, free_at: vec![0.0; self.plant.slots as usize], outstanding: 0, gone_at: None };
        if let Some(place) = self.all.iter().position(|s| s.gone_at.is_some() && s.outstanding == 0) {
            self.all[place] = server;
            return place;
        }
        self.all.push(server);
        self.all.len() - 1
    }

    /// The place that the load balancer sends the next request to; none where nobody is there.
    pub(super) fn route(&mut self, random: &mut SmallRng) -> Option<usize> {
        let count = self.targets.len();
        if count == 0 {
            return None;
        }
        self.next_target = (self.next_target + 1) % count;
        match self.plant.routing {
            Routing::Random => Some(self.targets[random.random_range(0..count)]),
            Routing::RoundRobin => Some(self.targets[self.next_target]),
            Routing::LeastOutstanding => {
                // From a place that moves on, so that those with equally few take turns.
                let (before, after) = self.targets.split_at(self.next_target);
                let in_turn = after.iter().chain(before).copied();
                in_turn.min_by_key(|place| self.all[*place].outstanding)
            }
        }
    }

    /// Serves a request from its arrival at `at` for `service_s`, as soon as a slot is free. Returns when it leaves;
    /// none where it would wait longer than anybody does.
    pub(super) fn serve(&mut self, place: usize, at: f64, service_s: f64) -> Option<f64> {
        let server = &mut self.all[place];
        let free_at = server.free_at.iter_mut().min_by(|a, b| a.total_cmp(b))?;
        let starts_at = free_at.max(at);
        if starts_at - at > self.plant.patience_s {
            return None;
        }
        *free_at = starts_at + service_s;
        server.outstanding += 1;
        Some(*free_at)
    }

    /// A response leaves the place at `at`. Whether anybody is still there to send it.
    pub(super) fn answer(&mut self, place: usize, at: f64) -> bool {
        let server = &mut self.all[place];
        server.outstanding -= 1;
        server.gone_at.is_none_or(|gone_at| at <= gone_at)
    }
}
