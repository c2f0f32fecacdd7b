//! The counters behind a target group's readings.

use std::{collections::BTreeMap, time::Duration};

use hdrhistogram::Histogram;
use http::StatusCode;

use crate::{
    readings::TargetGroupReading,
    table::{TargetGroup, TargetState},
};

/// 1 us to 1 h.
const RESPONSE_US: (u64, u64) = (1, 3_600_000_000);
const SIGNIFICANT_DIGITS: u8 = 3;

#[derive(Debug)]
pub(crate) struct Tally {
    request_count: u64,
    response_us: Histogram<u64>,
    target_classes: [u64; 6],
    elb_codes: BTreeMap<u16, u64>,
    connection_errors: u64,
}

impl Tally {
    #[expect(clippy::expect_used, reason = "the arguments are constants, and every test makes a tally")]
    pub(crate) fn new() -> Self {
        let (least, most) = RESPONSE_US;
        Self {
            request_count: 0,
            response_us: Histogram::new_with_bounds(least, most, SIGNIFICANT_DIGITS)
                .expect("1 <= least, 2 * least <= most, digits <= 5"),
            target_classes: [0; 6],
            elb_codes: BTreeMap::new(),
            connection_errors: 0,
        }
    }

    pub(crate) fn target_chosen(&mut self) {
        self.request_count += 1;
    }

    pub(crate) fn target_answered(&mut self, status: StatusCode, after: Duration) {
        self.response_us.saturating_record(after.as_micros() as u64);
        if let Some(class) = self.target_classes.get_mut(usize::from(status.as_u16() / 100)) {
            *class += 1;
        }
    }

    pub(crate) fn connection_failed(&mut self) {
        self.connection_errors += 1;
    }

    pub(crate) fn elb_answered(&mut self, code: u16) {
        *self.elb_codes.entry(code).or_default() += 1;
    }

    /// Reads the period and begins the next.
    pub(crate) fn take(&mut self, group: &TargetGroup) -> TargetGroupReading {
        let target_response_time = self.response_times();
        self.response_us.reset();
        let [.., target_2xx, target_3xx, target_4xx, target_5xx] = std::mem::take(&mut self.target_classes);
        TargetGroupReading {
            arn: group.arn.clone(),
            request_count: std::mem::take(&mut self.request_count),
            target_response_time,
            target_2xx,
            target_3xx,
            target_4xx,
            target_5xx,
            elb_codes: std::mem::take(&mut self.elb_codes),
            target_connection_errors: std::mem::take(&mut self.connection_errors),
            healthy_hosts: hosts(group, TargetState::Healthy),
            unhealthy_hosts: hosts(group, TargetState::Unhealthy),
        }
    }

    fn response_times(&self) -> Vec<(f64, u64)> {
        let median_s = |us| self.response_us.median_equivalent(us) as f64 / 1e6;
        self.response_us
            .iter_recorded()
            .map(|step| (median_s(step.value_iterated_to()), step.count_at_value()))
            .collect()
    }
}

fn hosts(group: &TargetGroup, state: TargetState) -> usize {
    group.targets.iter().filter(|target| target.state == state).count()
}
