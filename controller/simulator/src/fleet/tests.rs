//! The group, second by second.

use super::fate::boot_s;
use super::*;
use crate::plant::{Boot, Faults, WarmPool};

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
    let (bill, _) = fleet.close(20_000.0);
    assert!((bill.instance_s - (10_060.0 + 2.0 * 20_000.0 + 19_900.0)).abs() < 1e-9);
}

#[test]
fn a_warm_pool_is_billed_at_its_share_and_its_instances_boot_faster() {
    let boot = Boot { median_s: 25.0, p90_s: 40.0 };
    let pool = WarmPool { prepared: 10, boot, standby_share: 0.1 };
    let plant = Plant { warm_pool: Some(pool), ..Plant::default() };
    let mut fleet = Fleet::new(&plant, 1, 4);
    fleet.set_desired(1_000.0, 12);
    let boots: Vec<f64> = fleet.pending.iter().map(|i| i.ready_at - i.launched_at).collect();
    assert!(boots[..6].iter().all(|s| *s < 60.0) && boots[6..].iter().all(|s| *s > 60.0));
    let (bill, _) = fleet.close(2_000.0);
    assert!((bill.standby_s - 6.0 * 0.1 * 1_000.0).abs() < 1e-9);
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

#[test]
fn a_refused_launch_is_a_failed_activity_and_is_tried_again_until_it_succeeds() {
    let plant = Plant { faults: Faults { refused_share: 0.5, ..Faults::default() }, ..Plant::default() };
    let mut fleet = Fleet::new(&plant, 1, 2);
    fleet.set_desired(0.0, 12);
    assert!(fleet.len() < 12, "the group stops at the first refusal");
    for step in 1..100 {
        fleet.settle(f64::from(step) * 10.0);
    }
    assert_eq!((fleet.len(), fleet.desired()), (12, 12));
    let (_, failed) = fleet.close(1_000.0);
    assert!(failed.iter().all(|activity| activity.failure == Failure::InsufficientCapacity));
    let retry_s = Faults::default().retry_s;
    assert!(failed.windows(2).all(|pair| (pair[1].at - pair[0].at - retry_s).abs() < 1e-9));
    assert!((3..30).contains(&failed.len()), "{} refusals of ten launches", failed.len());
}

#[test]
fn an_unhealthy_instance_is_in_service_without_serving_until_its_grace_is_over() {
    let faults = Faults { unhealthy_share: 1.0, ..Faults::default() };
    let plant = Plant { faults, ..Plant::default() };
    let mut fleet = Fleet::new(&plant, 1, 2);
    fleet.set_desired(0.0, 3);
    let ready_at = fleet.pending[0].ready_at;
    fleet.settle(ready_at);
    assert_eq!((fleet.serving().len(), fleet.in_service()), (2, 3));
    assert_eq!(fleet.describe().boots_s, Vec::<f64>::new(), "it never served");
    fleet.settle(ready_at + faults.grace_s);
    assert_eq!((fleet.in_service(), fleet.pending.len()), (2, 1));
    let (bill, failed) = fleet.close(ready_at + faults.grace_s);
    assert_eq!(failed.len(), 1);
    assert!((bill.instance_s - 3.0 * (ready_at + faults.grace_s)).abs() < 1e-6, "billed to its end");
}

#[test]
fn the_standard_plant_never_fails() {
    let plant = Plant::default();
    let mut fleet = Fleet::new(&plant, 1, 2);
    fleet.set_desired(0.0, 40);
    fleet.settle(10_000.0);
    assert_eq!((fleet.serving().len(), fleet.close(10_000.0).1.len()), (40, 0));
}
