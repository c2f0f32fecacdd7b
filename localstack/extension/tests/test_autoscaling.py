"""Auto Scaling's answers on the wire."""

from typing import Any

from tests.cloud import Cloud, Stack, refusal


def test_out_of_bounds(cloud: Cloud) -> None:
    stack = cloud.stack()
    call = cloud.autoscaling.set_desired_capacity
    assert refusal(call, AutoScalingGroupName=stack.group, DesiredCapacity=30) == (
        "ValidationError",
        "New SetDesiredCapacity value 30 is above max value 20 for the AutoScalingGroup.",
    )
    update = cloud.autoscaling.update_auto_scaling_group
    assert refusal(update, AutoScalingGroupName=stack.group, MinSize=5, MaxSize=3) == (
        "ValidationError",
        "Max bound, 3, must be greater than or equal to min bound, 5",
    )
    assert cloud.describe(stack.group)["MaxSize"] == 20


def test_cooldown(cloud: Cloud) -> None:
    stack = cloud.stack()
    code, message = refusal(
        cloud.autoscaling.set_desired_capacity,
        AutoScalingGroupName=stack.group,
        DesiredCapacity=3,
        HonorCooldown=True,
    )
    assert code == "ScalingActivityInProgress"
    assert message.endswith("is in progress and blocks this action")


def test_names(cloud: Cloud) -> None:
    stack = cloud.stack()
    code, _ = refusal(
        cloud.autoscaling.create_auto_scaling_group,
        AutoScalingGroupName=stack.group,
        LaunchConfigurationName=cloud.launch_configuration(),
        AvailabilityZones=["eu-west-3a"],
        MinSize=1,
        MaxSize=1,
    )
    assert code == "AlreadyExists"
    for call, arguments in (
        (cloud.autoscaling.set_desired_capacity, {"DesiredCapacity": 1}),
        (cloud.autoscaling.update_auto_scaling_group, {"MinSize": 1}),
        (cloud.autoscaling.delete_auto_scaling_group, {}),
        (cloud.autoscaling.describe_scaling_activities, {}),
        (cloud.autoscaling.describe_lifecycle_hooks, {}),
    ):
        assert refusal(call, AutoScalingGroupName="no-such-group", **arguments) == (
            "ValidationError",
            "AutoScalingGroup name not found - AutoScalingGroup: no-such-group not found",
        )


def test_what_does_not_exist_cannot_be_used(cloud: Cloud) -> None:
    create = cloud.autoscaling.create_auto_scaling_group
    group = {
        "AutoScalingGroupName": "never-made",
        "AvailabilityZones": ["eu-west-3a"],
        "MinSize": 1,
        "MaxSize": 1,
    }
    _, message = refusal(create, **group, LaunchConfigurationName="no-such-configuration")
    assert message.startswith("Launch configuration name not found")
    source = {"LaunchConfigurationName": cloud.launch_configuration()}
    code, _ = refusal(create, **group, **source, TargetGroupARNs=["arn:aws:none"])
    assert code == "ValidationError"
    _, message = refusal(create, **group, **source, VPCZoneIdentifier="subnet-none")
    assert "subnet-none" in message
    described = cloud.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=["never-made"])
    assert described["AutoScalingGroups"] == []


def test_a_group_from_a_launch_template(cloud: Cloud) -> None:
    template = cloud.ec2.create_launch_template(
        LaunchTemplateName="from-template",
        LaunchTemplateData={"ImageId": "ami-12345678", "InstanceType": "t3.small"},
    )["LaunchTemplate"]
    cloud.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="from-template",
        LaunchTemplate={"LaunchTemplateId": template["LaunchTemplateId"], "Version": "$Latest"},
        AvailabilityZones=["eu-west-3a", "eu-west-3b"],
        MinSize=1,
        MaxSize=4,
        DefaultInstanceWarmup=60,
        HealthCheckType="ELB",
        HealthCheckGracePeriod=90,
        TerminationPolicies=["OldestInstance"],
        Tags=[{"Key": "service", "Value": "api", "PropagateAtLaunch": True}],
    )
    described = cloud.describe("from-template")
    assert described["DesiredCapacity"] == 1
    assert described["DefaultInstanceWarmup"] == 60
    assert described["HealthCheckType"] == "ELB"
    assert described["HealthCheckGracePeriod"] == 90
    assert described["TerminationPolicies"] == ["OldestInstance"]
    (instance,) = described["Instances"]
    assert instance["LaunchTemplate"]["LaunchTemplateId"] == template["LaunchTemplateId"]
    (reservation,) = cloud.ec2.describe_instances(InstanceIds=[instance["InstanceId"]])[
        "Reservations"
    ]
    shown = reservation["Instances"][0]
    assert shown["State"]["Name"] == "pending"
    assert {"Key": "service", "Value": "api"} in shown["Tags"]
    cloud.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName="from-template", MinSize=2, DefaultInstanceWarmup=30
    )
    described = cloud.describe("from-template")
    assert (described["DesiredCapacity"], described["DefaultInstanceWarmup"]) == (2, 30)
    assert described["LaunchTemplate"]["LaunchTemplateId"] == template["LaunchTemplateId"]


def test_a_launch_that_ec2_refuses_fails_and_is_retried(cloud: Cloud) -> None:
    cloud.autoscaling.create_launch_configuration(
        LaunchConfigurationName="insecure",
        ImageId="ami-12345678",
        InstanceType="t3.small",
        SecurityGroups=["sg-none"],
    )
    cloud.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="insecure",
        LaunchConfigurationName="insecure",
        AvailabilityZones=["eu-west-3a"],
        MinSize=1,
        MaxSize=1,
    )
    activities = cloud.autoscaling.describe_scaling_activities(AutoScalingGroupName="insecure")
    assert len(activities["Activities"]) >= 1
    for activity in activities["Activities"]:
        assert activity["StatusCode"] == "Failed"
        assert "sg-none" in activity["StatusMessage"]
    assert cloud.instances("insecure") == []
    cloud.autoscaling.delete_auto_scaling_group(AutoScalingGroupName="insecure")


def test_deletion(cloud: Cloud) -> None:
    stack = cloud.stack()
    delete = cloud.autoscaling.delete_auto_scaling_group
    assert refusal(delete, AutoScalingGroupName=stack.group)[0] == "ResourceInUse"
    started = cloud.start(stack)
    cloud.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName=stack.group, MinSize=0, DesiredCapacity=0
    )
    assert refusal(delete, AutoScalingGroupName=stack.group)[0] == "ScalingActivityInProgress"
    delete(AutoScalingGroupName=stack.group, ForceDelete=True)
    assert cloud.describe(stack.group)["Status"] == "Delete in progress"
    update = cloud.autoscaling.update_auto_scaling_group
    assert "pending delete" in refusal(update, AutoScalingGroupName=stack.group, MaxSize=5)[1]
    for instance_id in started:
        cloud.stop(stack, instance_id)
    names = [g["AutoScalingGroupName"] for g in _groups(cloud)]
    assert stack.group not in names


def test_launch_configurations_in_use_stay(cloud: Cloud) -> None:
    stack = cloud.stack()
    name = cloud.describe(stack.group)["LaunchConfigurationName"]
    delete = cloud.autoscaling.delete_launch_configuration
    assert refusal(delete, LaunchConfigurationName=name)[0] == "ResourceInUse"
    create = cloud.autoscaling.create_launch_configuration
    again = {"LaunchConfigurationName": name, "ImageId": "ami-1", "InstanceType": "t3.small"}
    assert refusal(create, **again)[0] == "AlreadyExists"


def test_a_terminated_instance_is_replaced(cloud: Cloud) -> None:
    stack = cloud.stack()
    first, second = cloud.start(stack)
    activity = cloud.autoscaling.terminate_instance_in_auto_scaling_group(
        InstanceId=first, ShouldDecrementDesiredCapacity=False
    )["Activity"]
    assert activity["StatusCode"] == "InProgress"
    cloud.ec2.terminate_instances(InstanceIds=[second])
    states = sorted(i["lifecycle_state"] for i in cloud.instances(stack.group))
    assert states == ["Pending", "Pending", "Terminating", "Terminating"]
    terminate = cloud.autoscaling.terminate_instance_in_auto_scaling_group
    refused = refusal(terminate, InstanceId="i-none", ShouldDecrementDesiredCapacity=False)
    assert refused[0] == "ValidationError"


def test_protection_and_suspension(cloud: Cloud) -> None:
    stack = cloud.stack(MinSize=0)
    first, second = cloud.start(stack)
    cloud.autoscaling.set_instance_protection(
        AutoScalingGroupName=stack.group, InstanceIds=[first], ProtectedFromScaleIn=True
    )
    cloud.autoscaling.suspend_processes(
        AutoScalingGroupName=stack.group, ScalingProcesses=["Terminate", "AlarmNotification"]
    )
    suspended = cloud.describe(stack.group)["SuspendedProcesses"]
    assert [p["ProcessName"] for p in suspended] == ["AlarmNotification", "Terminate"]
    assert suspended[0]["SuspensionReason"].startswith("User suspended at ")
    cloud.autoscaling.set_desired_capacity(AutoScalingGroupName=stack.group, DesiredCapacity=0)
    assert _lifecycle(cloud, stack) == {first: "InService", second: "InService"}
    cloud.autoscaling.resume_processes(AutoScalingGroupName=stack.group)
    assert _lifecycle(cloud, stack) == {first: "InService", second: "Terminating"}


def test_instances_as_described_one_by_one(cloud: Cloud) -> None:
    stack = cloud.stack()
    first, _ = cloud.start(stack)
    (described,) = cloud.autoscaling.describe_auto_scaling_instances(InstanceIds=[first])[
        "AutoScalingInstances"
    ]
    assert described["AutoScalingGroupName"] == stack.group
    assert described["HealthStatus"] == "HEALTHY"
    assert described["LifecycleState"] == "InService"


def test_activities_are_paged_newest_first(cloud: Cloud) -> None:
    stack = cloud.stack()
    cloud.start(stack)
    cloud.autoscaling.set_desired_capacity(AutoScalingGroupName=stack.group, DesiredCapacity=4)
    pages = cloud.autoscaling.get_paginator("describe_scaling_activities").paginate(
        AutoScalingGroupName=stack.group, PaginationConfig={"PageSize": 3}
    )
    found = [page["Activities"] for page in pages]
    assert [len(page) for page in found] == [3, 1]
    newest = found[0][0]
    assert (newest["StatusCode"], newest["Progress"]) == ("InProgress", 50)
    assert (
        "explicitly set group desired capacity changing the desired capacity from 2 to 4"
        in (newest["Cause"])
    )
    assert "EndTime" not in newest


def test_what_is_not_modelled_is_refused(cloud: Cloud) -> None:
    stack = cloud.stack()
    for call, arguments in (
        (cloud.autoscaling.execute_policy, {"PolicyName": "p"}),
        (cloud.autoscaling.attach_instances, {"InstanceIds": ["i-1"]}),
    ):
        code, message = refusal(call, AutoScalingGroupName=stack.group, **arguments)
        assert code in ("InternalFailure", "NotImplemented"), message


def _groups(cloud: Cloud) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = cloud.autoscaling.describe_auto_scaling_groups()[
        "AutoScalingGroups"
    ]
    return groups


def _lifecycle(cloud: Cloud, stack: Stack) -> dict[str, str]:
    return {i["instance_id"]: i["lifecycle_state"] for i in cloud.instances(stack.group)}


def test_another_region_is_refused(cloud: Cloud) -> None:
    elsewhere = cloud.client("autoscaling", region="eu-west-1")
    code, message = refusal(elsewhere.describe_auto_scaling_groups)
    assert code == "ValidationError"
    assert "eu-west-1; the local cloud is account 000000000000 and region eu-west-3" in message


def test_a_group_shows_what_nobody_chose(cloud: Cloud) -> None:
    plain = cloud.describe(cloud.stack().group)
    preference = {"CapacityReservationPreference": "default"}
    assert plain["CapacityReservationSpecification"] == preference
    strategy = {"CapacityDistributionStrategy": "balanced-only"}
    chosen = cloud.describe(cloud.stack(AvailabilityZoneDistribution=strategy).group)
    assert chosen["AvailabilityZoneDistribution"] == strategy
