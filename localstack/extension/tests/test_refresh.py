"""A deploy and the way back, on the wire."""

import time

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud, Json, exited, running

TEMPLATE = {"ImageId": "ami-12345678", "InstanceType": "t3.small"}


@pytest.fixture
def name(cloud: Cloud, namespace: str) -> str:
    """A group of two in service, from the first of two versions of a launch template."""
    cloud.ec2.create_launch_template(LaunchTemplateName=namespace, LaunchTemplateData=TEMPLATE)
    cloud.ec2.create_launch_template_version(
        LaunchTemplateName=namespace, LaunchTemplateData=TEMPLATE
    )
    cloud.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=namespace,
        LaunchTemplate=template(namespace, "1"),
        AvailabilityZones=["eu-west-3a", "eu-west-3b"],
        MinSize=2,
        MaxSize=2,
    )
    settle(cloud, namespace)
    return namespace


def template(name: str, version: str) -> Json:
    return {"LaunchTemplateName": name, "Version": version}


def settle(cloud: Cloud, name: str) -> None:
    """What is launched runs, what leaves is gone: one round of the data plane."""
    for instance in cloud.instances(name):
        who = instance["instance_id"]
        if instance["lifecycle_state"] == "Pending":
            cloud.report(running(who, 41000))
        elif instance["lifecycle_state"] == "Terminating":
            cloud.report(exited(who))


def refreshes(cloud: Cloud, name: str) -> list[Json]:
    answer = cloud.autoscaling.describe_instance_refreshes(AutoScalingGroupName=name)
    found: list[Json] = answer["InstanceRefreshes"]
    return found


def versions(cloud: Cloud, name: str) -> list[str]:
    return sorted(i["LaunchTemplate"]["Version"] for i in cloud.describe(name)["Instances"])


def go(cloud: Cloud, name: str, version: str) -> None:
    cloud.autoscaling.start_instance_refresh(
        AutoScalingGroupName=name,
        DesiredConfiguration={"LaunchTemplate": template(name, version)},
        Preferences={"SkipMatching": True},
    )


def finish(cloud: Cloud, name: str) -> None:
    deadline = time.monotonic() + 30
    while refreshes(cloud, name)[0]["Status"] == "InProgress":
        assert time.monotonic() < deadline
        settle(cloud, name)


def test_a_deploy_and_the_way_back(cloud: Cloud, name: str) -> None:
    # As Terraform's provider does, before it begins.
    cloud.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName=name, LaunchTemplate=template(name, "2")
    )
    go(cloud, name, "2")
    (begun,) = refreshes(cloud, name)
    assert (begun["Status"], begun["InstancesToUpdate"], begun["PercentageComplete"]) == (
        "InProgress",
        2,
        0,
    )
    settle(cloud, name)
    assert versions(cloud, name) == ["1", "1", "2", "2"], "one leaves, one is on its way"
    cloud.autoscaling.cancel_instance_refresh(AutoScalingGroupName=name)
    go(cloud, name, "1")
    finish(cloud, name)
    settle(cloud, name)
    assert [each["Status"] for each in refreshes(cloud, name)] == ["Successful", "Cancelled"]
    assert versions(cloud, name) == ["1", "1"]
    assert cloud.describe(name)["LaunchTemplate"]["Version"] == "1"


def test_the_group_has_the_version_that_succeeded(cloud: Cloud, name: str) -> None:
    go(cloud, name, "2")
    finish(cloud, name)
    settle(cloud, name)
    assert cloud.describe(name)["LaunchTemplate"]["Version"] == "2"
    assert versions(cloud, name) == ["2", "2"]


def test_what_is_not_there_is_refused(cloud: Cloud, name: str) -> None:
    with pytest.raises(ClientError, match="ActiveInstanceRefreshNotFound"):
        cloud.autoscaling.cancel_instance_refresh(AutoScalingGroupName=name)
    with pytest.raises(ClientError, match="version 3"):
        go(cloud, name, "3")
    with pytest.raises(ClientError, match="launch template other"):
        cloud.autoscaling.start_instance_refresh(
            AutoScalingGroupName=name,
            DesiredConfiguration={"LaunchTemplate": template("other", "1")},
        )
