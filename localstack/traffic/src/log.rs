//! The log of a run. Every load and call is kept, at 12 bytes each, and put into histograms when somebody asks: that is
//! smaller than a histogram for every second, and any interval can be asked for, filed by start or by end.

use crate::load::Call;

/// In which interval a load is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FiledBy {
    /// In that in which it was meant to start: what the users who came then had to bear. For stages.
    Start,
    /// In that in which it ended: what a load balancer publishes then, so comparable with CloudWatch.
    End,
}

/// Loads and calls in the order in which they ended, and the counters of the whole run.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) samples: Vec<Sample>,
    pub(crate) causes: Vec<String>,
    started_in_second: Vec<u32>,
    pub(crate) started: u64,
    pub(crate) ended: u64,
    pub(crate) failed: u64,
    pub(crate) in_flight: u64,
}

/// In milliseconds and microseconds since the run's start: good for 49 days, and for loads of up to 71 minutes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) start_ms: u32,
    pub(crate) latency_us: u32,
    /// `None`: a whole load.
    pub(crate) call: Option<Call>,
    /// An index into the causes.
    pub(crate) cause: Option<u8>,
}

/// What "recent" means, in seconds.
pub(crate) const RECENT_S: f64 = 5.0;
/// Beyond these, causes are counted as one.
const DISTINCT_CAUSES_MAX: usize = 32;

impl Log {
    pub(crate) fn count_start(&mut self, at_s: f64) {
        let second = at_s as usize;
        if self.started_in_second.len() <= second {
            self.started_in_second.resize(second + 1, 0);
        }
        self.started_in_second[second] += 1;
        self.started += 1;
        self.in_flight += 1;
    }

    /// Over the last whole seconds; in the first one, of what there is.
    pub(crate) fn started_per_s(&self, t_s: f64) -> f64 {
        let now = t_s as usize;
        let seconds = now.min(RECENT_S as usize);
        if seconds == 0 {
            return self.started as f64;
        }
        let recent = self.started_in_second.iter().take(now).skip(now - seconds);
        f64::from(recent.sum::<u32>()) / seconds as f64
    }

    /// The cause's index; a new cause gets one.
    pub(crate) fn cause(&mut self, failure: &str) -> u8 {
        let known = self.causes.iter().position(|cause| cause == failure);
        let index = known.unwrap_or_else(|| {
            if self.causes.len() < DISTINCT_CAUSES_MAX {
                self.causes.push(failure.to_owned());
            } else if self.causes.len() == DISTINCT_CAUSES_MAX {
                self.causes.push("other causes".to_owned());
            }
            self.causes.len() - 1
        });
        index as u8
    }
}

impl Sample {
    pub(crate) fn latency_s(self) -> f64 {
        f64::from(self.latency_us) / 1e6
    }

    pub(crate) fn filed_s(self, filed: FiledBy) -> f64 {
        let start_s = f64::from(self.start_ms) / 1e3;
        match filed {
            FiledBy::Start => start_s,
            FiledBy::End => start_s + self.latency_s(),
        }
    }
}

/// Why the loads among these failed, and how many, the most frequent first.
pub(crate) fn count_causes(samples: &[Sample], causes: &[String]) -> Vec<(String, u64)> {
    let mut counts = vec![0; causes.len()];
    for sample in samples.iter().filter(|sample| sample.call.is_none()) {
        if let Some(count) = sample.cause.and_then(|cause| counts.get_mut(usize::from(cause))) {
            *count += 1;
        }
    }
    let mut counted: Vec<_> = causes.iter().cloned().zip(counts).filter(|&(_, count)| count > 0).collect();
    counted.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_as_small_as_promised() {
        assert_eq!(size_of::<Sample>(), 12);
    }
}
