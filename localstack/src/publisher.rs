//! Publishes each period of the wall clock as it ends.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws::Clients;
use balancer::Balancer;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::cpu::CpuMeter;
use crate::host::{Pids, unix_now_s};
use crate::publish::Publication;
use crate::stack::Stack;

/// When a period's metrics were in CloudWatch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Published {
    /// The period's end, Unix time in seconds.
    pub period_end_s: f64,
    /// When CloudWatch had confirmed them, Unix time in seconds.
    pub at_s: f64,
}

/// What it publishes, and where.
pub(crate) struct Publisher {
    pub(crate) clients: Clients,
    pub(crate) stack: watch::Receiver<Stack>,
    pub(crate) balancer: Balancer,
    pub(crate) pids: Pids,
    pub(crate) period: Duration,
    pub(crate) published: Arc<Mutex<Vec<Published>>>,
}

impl Publisher {
    pub(crate) async fn run(self, stop: CancellationToken) {
        let period_s = self.period.as_secs_f64();
        let mut cpu = CpuMeter::new();
        let mut end_s = (unix_now_s() / period_s).ceil() * period_s;
        // The first period is partial, and is left out.
        let mut is_whole = false;
        loop {
            let wait = Duration::from_secs_f64((end_s - unix_now_s()).max(0.0));
            if stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_none() {
                return;
            }
            let readings = self.balancer.take_period();
            let cpu_percent = self.cpu_percent(&readings, &mut cpu);
            if is_whole {
                let stack = self.stack.borrow().clone();
                let at = Duration::from_secs_f64(end_s - period_s);
                let publication = Publication { stack: &stack, readings: &readings, cpu_percent, at };
                let Some(sent) = stop.run_until_cancelled(publication.send(&self.clients)).await else {
                    return;
                };
                match sent {
                    Ok(()) => self.note(Published { period_end_s: end_s, at_s: unix_now_s() }),
                    Err(error) => tracing::error!("a period of metrics is lost: {error:#}"),
                }
            }
            is_whole = true;
            end_s += period_s;
        }
    }

    fn note(&self, published: Published) {
        self.published.lock().unwrap_or_else(PoisonError::into_inner).push(published);
    }

    /// By the instance profile where there is one, else as the kernel counts it.
    fn cpu_percent(&self, readings: &balancer::Readings, cpu: &mut CpuMeter) -> Vec<f64> {
        let pids: Vec<u32> =
            self.pids.lock().unwrap_or_else(PoisonError::into_inner).values().copied().collect();
        let measured = cpu.percent(pids.into_iter());
        if readings.instances.is_empty() {
            return measured;
        }
        readings.instances.iter().map(|instance| 100.0 * instance.utilization()).collect()
    }
}
