//! A deploy replaces every instance while users come, and none of them notices.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_autoscaling::types::{InstanceRefreshStatus, RefreshPreferences};
use localstack::{LifecycleState, LocalCloud};
use support::{Load, constant, setup, start, until};

#[tokio::test(flavor = "multi_thread")]
async fn every_instance_is_replaced_and_no_request_fails() {
    let (_, cloud) = start(&setup("deploy")).await;
    let load = Load::start(&cloud, &constant(10, 60));
    tokio::time::sleep(Duration::from_secs(5)).await;
    let before = in_service(&cloud);
    refresh(&cloud).await;
    until("all are replaced", Duration::from_secs(50), async || {
        let now = in_service(&cloud);
        assert!(now.len() >= 2, "at no time fewer than before");
        (status(&cloud).await == InstanceRefreshStatus::Successful && now.is_disjoint(&before)).then_some(())
    })
    .await;
    let report = load.finished().await;
    assert_eq!(report.loads.failed, 0, "{report:?}");
    assert!(report.loads.count > 500, "{report:?}");
    cloud.stop().await;
}

fn in_service(cloud: &LocalCloud) -> HashSet<String> {
    let instances = cloud.instances().into_iter();
    let serving = instances.filter(|instance| instance.lifecycle_state == LifecycleState::InService);
    serving.map(|instance| instance.instance_id).collect()
}

/// New ones first, as the maintenance policy of `infra/modules/app` has it.
async fn refresh(cloud: &LocalCloud) {
    let preferences = RefreshPreferences::builder()
        .min_healthy_percentage(100)
        .max_healthy_percentage(120)
        .instance_warmup(1);
    let start = cloud.clients().auto_scaling.start_instance_refresh().preferences(preferences.build());
    start.auto_scaling_group_name(&cloud.stack().group).send().await.unwrap();
}

async fn status(cloud: &LocalCloud) -> InstanceRefreshStatus {
    let describe = cloud.clients().auto_scaling.describe_instance_refreshes();
    let told = describe.auto_scaling_group_name(&cloud.stack().group).send().await.unwrap();
    told.instance_refreshes()[0].status().unwrap().clone()
}
