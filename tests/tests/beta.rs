//! The instance profile makes an instance as small as the beta's: ExStrat's own table, on one instance.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use localstack::{Mode, Setup, Size};
use support::{Load, setup, start};

/// Users, the beta's mean load in seconds, and how far off one may be: down to and up to this factor.
const TABLE: [(u32, f64, f64, f64); 3] =
    [(30, 2.5, 1.0 / 3.0, 3.0), (50, 12.7, 0.7, 1.3), (100, 22.2, 0.7, 1.3)];

#[tokio::test(flavor = "multi_thread")]
async fn one_instance_is_as_slow_as_the_beta() {
    let one = Setup { size: Size { min: 1, max: 1, desired: 1 }, mode: Mode::Absent, ..setup("beta") };
    let (_, cloud) = start(&one).await;
    for (users, beta_s, down, up) in TABLE {
        let scenario = format!(
            "name = \"beta\"\nseed = 1\nload = \"four_calls\"\n\n[closed]\nusers = {users}\nloads_per_user = 1\n"
        );
        let report = Load::start(&cloud, &scenario).finished().await;
        let mean_s = report.loads.mean_s.unwrap();
        eprintln!("{users} users: {mean_s:.1} s, the beta {beta_s} s");
        assert_eq!(report.loads.failed, 0, "{report:?}");
        assert!((down * beta_s..=up * beta_s).contains(&mean_s), "{users} users: {mean_s} s");
    }
    cloud.stop().await;
}
