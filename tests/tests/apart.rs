//! Two local clouds on one machine do not meet, and leave nothing behind.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::net::TcpStream;
use std::time::Duration;

use localstack::{LocalCloud, Setup};
use support::{Load, constant, setup, start, until};

#[tokio::test(flavor = "multi_thread")]
async fn two_clouds_do_not_meet_and_leave_nothing() {
    let two = [setup("one"), setup("other")];
    let (one, other) = tokio::join!(start(&two[0]), start(&two[1]));
    let (one, other) = (one.1, other.1);
    assert_ne!(one.endpoint(), other.endpoint());
    let of = |cloud: &LocalCloud| cloud.instances().into_iter().map(|i| i.instance_id).collect::<Vec<_>>();
    assert!(of(&one).iter().all(|id| !of(&other).contains(id)));
    let report = Load::start(&one, &constant(10, 5)).finished().await;
    assert_eq!(report.loads.failed, 0, "{report:?}");
    for cloud in [&one, &other] {
        until("each publishes its own metrics", Duration::from_mins(1), async || {
            (!cloud.published().is_empty()).then_some(())
        })
        .await;
    }
    let ports =
        [one.endpoint(), other.endpoint(), &one.url(), &other.url()].map(|url| url.replace("http://", ""));
    tokio::join!(one.stop(), other.stop());
    for port in ports {
        assert!(TcpStream::connect(&port).is_err(), "{port} is still taken");
    }
}

/// A LocalStack that somebody else runs is used, and left running.
#[tokio::test(flavor = "multi_thread")]
async fn a_localstack_that_runs_already_is_used() {
    let (provisioned, owner) = start(&setup("owner")).await;
    let guest = Setup { endpoint: Some(owner.endpoint().to_owned()), ..setup("guest") };
    let guest = LocalCloud::start(&provisioned, &guest, &localstack::Steps::silent()).await.unwrap();
    assert_ne!(owner.stack().group, guest.stack().group);
    let report = Load::start(&guest, &constant(5, 3)).finished().await;
    assert_eq!(report.loads.failed, 0, "{report:?}");
    guest.stop().await;
    assert_eq!(owner.fleet().in_service, 2);
    only_the_owners_is_there(&owner).await;
    owner.stop().await;
}

async fn only_the_owners_is_there(owner: &LocalCloud) {
    let (name, aws) = (owner.stack().group, owner.clients());
    let groups = aws.auto_scaling.describe_auto_scaling_groups().send().await.unwrap();
    let groups: Vec<_> =
        groups.auto_scaling_groups().iter().map(|group| group.auto_scaling_group_name()).collect();
    assert_eq!(groups, [Some(&*name)]);
    let configurations = aws.auto_scaling.describe_launch_configurations().send().await.unwrap();
    assert_eq!(configurations.launch_configurations().len(), 1);
    let load_balancers = aws.load_balancing.describe_load_balancers().send().await.unwrap();
    assert_eq!(load_balancers.load_balancers().len(), 1);
    let target_groups = aws.load_balancing.describe_target_groups().send().await.unwrap();
    assert_eq!(target_groups.target_groups().len(), 2);
}
