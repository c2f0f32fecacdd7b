"""A deploy and the way back, on the wire."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud, Json, exited, refusal, running

TEMPLATE = {"ImageId": "ami-12345678", "InstanceType": "t3.small", "UserData": "b25l"}
NEWER = TEMPLATE | {"ImageId": "ami-87654321", "UserData": "dHdv"}
PREFERENCES = {
    "MinHealthyPercentage": 100,
    "MaxHealthyPercentage": 120,
    "SkipMatching": True,
}


@pytest.fixture
def name(cloud: Cloud, namespace: str) -> str:
    """A group of two in service, from the first of two versions of a launch template."""
    cloud.ec2.create_launch_template(LaunchTemplateName=namespace, LaunchTemplateData=TEMPLATE)
    cloud.ec2.create_launch_template_version(LaunchTemplateName=namespace, LaunchTemplateData=NEWER)
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


def go(
    cloud: Cloud, name: str, version: str, template_name: str | None = None, **preferences: Any
) -> None:
    cloud.autoscaling.start_instance_refresh(
        AutoScalingGroupName=name,
        DesiredConfiguration={"LaunchTemplate": template(template_name or name, version)},
        Preferences=PREFERENCES | preferences,
    )


def finish(cloud: Cloud, name: str) -> Json:
    deadline = time.monotonic() + 30
    while "EndTime" not in (found := refreshes(cloud, name)[0]):
        assert time.monotonic() < deadline, found
        settle(cloud, name)
    settle(cloud, name)
    return found


def told(refresh: Json) -> tuple[str, int, int]:
    return refresh["Status"], refresh["PercentageComplete"], refresh["InstancesToUpdate"]


def alarm(cloud: Cloud, name: str, state: str) -> None:
    cloud.metric_alarm(name)
    cloud.turn(name, state)


def test_a_deploy_and_the_way_back(cloud: Cloud, name: str) -> None:
    # As Terraform's provider does, before it begins.
    cloud.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName=name, LaunchTemplate=template(name, "2")
    )
    go(cloud, name, "2")
    (begun,) = refreshes(cloud, name)
    assert told(begun) == ("InProgress", 0, 2)
    settle(cloud, name)
    assert versions(cloud, name) == ["1", "1", "2", "2"], "one leaves, one is on its way"
    cloud.autoscaling.cancel_instance_refresh(AutoScalingGroupName=name)
    assert refreshes(cloud, name)[0]["Status"] == "Cancelling"
    assert told(finish(cloud, name)) == ("Cancelled", 100, 0), "what was on its way came"
    go(cloud, name, "1")
    finish(cloud, name)
    assert [each["Status"] for each in refreshes(cloud, name)] == ["Successful", "Cancelled"]
    assert versions(cloud, name) == ["1", "1"]
    assert cloud.describe(name)["LaunchTemplate"]["Version"] == "1"


def test_the_group_has_the_version_that_succeeded(cloud: Cloud, name: str) -> None:
    go(cloud, name, "2")
    assert cloud.describe(name)["LaunchTemplate"]["Version"] == "1"
    assert told(finish(cloud, name)) == ("Successful", 100, 0)
    assert cloud.describe(name)["LaunchTemplate"]["Version"] == "2"
    assert versions(cloud, name) == ["2", "2"]
    (instance, *_) = cloud.describe(name)["Instances"]
    found = cloud.ec2.describe_instances(InstanceIds=[instance["InstanceId"]])
    assert found["Reservations"][0]["Instances"][0]["ImageId"] == NEWER["ImageId"]


def test_an_alarm_turns_it_back(cloud: Cloud, name: str) -> None:
    alarm(cloud, name, "OK")
    go(cloud, name, "2", AutoRollback=True, AlarmSpecification={"Alarms": [name]})
    settle(cloud, name)
    alarm(cloud, name, "ALARM")
    alarm(cloud, name, "OK")
    (back,) = refreshes(cloud, name)
    assert told(back) == ("RollbackInProgress", 50, 1)
    assert back["DesiredConfiguration"] == {"LaunchTemplate": template(name, "2")}
    assert back["Preferences"]["AlarmSpecification"] == {"Alarms": [name]}
    details = back["RollbackDetails"]
    assert details["RollbackReason"] == f"The alarm {name} is in the ALARM state."
    assert details["PercentageCompleteOnRollback"] == 50
    assert details["InstancesToUpdateOnRollback"] == 1
    assert details["RollbackStartTime"] >= back["StartTime"]
    assert told(finish(cloud, name)) == ("RollbackSuccessful", 0, 1)
    assert versions(cloud, name) == ["1", "1"]
    assert cloud.describe(name)["LaunchTemplate"]["Version"] == "1"


def test_without_a_rollback_an_alarm_fails_it(cloud: Cloud, name: str) -> None:
    alarm(cloud, name, "ALARM")
    go(cloud, name, "2", AlarmSpecification={"Alarms": [name]})
    failed = finish(cloud, name)
    assert told(failed) == ("Failed", 0, 2)
    assert failed["StatusReason"] == f"The alarm {name} is in the ALARM state."


def test_a_rollback_by_hand(cloud: Cloud, name: str) -> None:
    roll_back = cloud.autoscaling.rollback_instance_refresh
    assert refusal(roll_back, AutoScalingGroupName=name)[0] == "ActiveInstanceRefreshNotFound"
    cloud.autoscaling.start_instance_refresh(AutoScalingGroupName=name)
    assert refusal(roll_back, AutoScalingGroupName=name)[0] == "IrreversibleInstanceRefresh"
    cloud.autoscaling.cancel_instance_refresh(
        AutoScalingGroupName=name, WaitForTransitioningInstances=False
    )
    settle(cloud, name)
    go(cloud, name, "2")
    settle(cloud, name)
    assert refusal(go, cloud=cloud, name=name, version="1")[0] == "InstanceRefreshInProgress"
    roll_back(AutoScalingGroupName=name)
    assert finish(cloud, name)["Status"] == "RollbackSuccessful"
    assert versions(cloud, name) == ["1", "1"]


def test_a_group_of_several_types(cloud: Cloud, name: str) -> None:
    policy = {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": template(name, "2"),
            "Overrides": [{"InstanceType": "t3.small"}, {"InstanceType": "t3a.small"}],
        }
    }
    cloud.autoscaling.start_instance_refresh(
        AutoScalingGroupName=name, DesiredConfiguration={"MixedInstancesPolicy": policy}
    )
    update = cloud.autoscaling.update_auto_scaling_group
    refused = refusal(update, AutoScalingGroupName=name, LaunchTemplate=template(name, "1"))
    assert refused[1].startswith("An active instance refresh with a desired configuration exists.")
    assert finish(cloud, name)["Status"] == "Successful"
    group = cloud.describe(name)
    assert "LaunchTemplate" not in group
    found = group["MixedInstancesPolicy"]["LaunchTemplate"]
    assert found["LaunchTemplateSpecification"]["Version"] == "2"
    assert [each["InstanceType"] for each in found["Overrides"]] == ["t3.small", "t3a.small"]


def test_from_a_launch_configuration_to_a_template(cloud: Cloud, name: str) -> None:
    stack = cloud.stack()
    cloud.start(stack)
    before = cloud.describe(stack.group)["LaunchConfigurationName"]
    go(cloud, stack.group, "1", template_name=name)
    deadline = time.monotonic() + 30
    while "EndTime" not in refreshes(cloud, stack.group)[0]:
        assert time.monotonic() < deadline
        cloud.start(stack)
    group = cloud.describe(stack.group)
    assert group["LaunchTemplate"].items() >= template(name, "1").items()
    assert "LaunchConfigurationName" not in group
    cloud.autoscaling.delete_launch_configuration(LaunchConfigurationName=before)


def test_they_are_listed_in_pages_newest_first(cloud: Cloud, name: str) -> None:
    for version in "121":
        go(cloud, name, version)
        finish(cloud, name)
    every = [each["InstanceRefreshId"] for each in refreshes(cloud, name)]
    describe = cloud.autoscaling.describe_instance_refreshes
    first = describe(AutoScalingGroupName=name, MaxRecords=2)
    rest = describe(AutoScalingGroupName=name, MaxRecords=2, NextToken=first["NextToken"])
    pages = [[r["InstanceRefreshId"] for r in page["InstanceRefreshes"]] for page in (first, rest)]
    assert pages == [every[:2], every[2:]]
    assert "NextToken" not in rest
    (one,) = describe(AutoScalingGroupName=name, InstanceRefreshIds=[every[1]])["InstanceRefreshes"]
    assert one["InstanceRefreshId"] == every[1]
    assert refusal(describe, AutoScalingGroupName=name, NextToken="no")[0] == "InvalidNextToken"


@pytest.mark.parametrize(
    ("preferences", "code", "message"),
    [
        ({"MaxHealthyPercentage": 110}, "ValidationError", "together with MinHealthyPercentage"),
        ({"AutoRollback": True}, "ValidationError", "needs a refresh with a desired configuration"),
        ({"AlarmSpecification": {"Alarms": ["none"]}}, "ValidationError", "found none"),
        ({"BakeTime": 172_801}, "ValidationError", "BakeTime: found 172801"),
        ({"CheckpointPercentages": [100]}, "NotImplemented", "CheckpointPercentages is not"),
        ({"StandbyInstances": "Refresh"}, "ValidationError", "must be one of Terminate, Ignore"),
        ({"ScaleInProtectedInstances": "No"}, "ValidationError", "one of Refresh, Ignore, Wait"),
    ],
)
def test_what_cannot_be_preferred(
    cloud: Cloud, name: str, preferences: Json, code: str, message: str
) -> None:
    start = cloud.autoscaling.start_instance_refresh
    found = refusal(start, AutoScalingGroupName=name, Preferences=preferences)
    assert found[0] == code
    assert message in found[1]
    assert refreshes(cloud, name) == []


def test_what_is_not_there_is_refused(cloud: Cloud, name: str) -> None:
    with pytest.raises(ClientError, match="ActiveInstanceRefreshNotFound"):
        cloud.autoscaling.cancel_instance_refresh(AutoScalingGroupName=name)
    with pytest.raises(ClientError, match="version 3"):
        go(cloud, name, "3")
    with pytest.raises(ClientError, match="must be given by number"):
        go(cloud, name, "$Latest")
    with pytest.raises(ClientError, match="with template name other"):
        cloud.autoscaling.start_instance_refresh(
            AutoScalingGroupName=name,
            DesiredConfiguration={"LaunchTemplate": template("other", "1")},
        )
