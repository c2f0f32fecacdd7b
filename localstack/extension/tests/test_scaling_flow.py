"""The whole way of an instance, through LocalStack: launched, in service, drained, gone."""

from tests.cloud import Cloud, health, running


def test_a_group_comes_into_service_and_scales_out_and_in(cloud: Cloud) -> None:
    stack = cloud.stack()
    first = cloud.instances(stack.group)
    assert [i["lifecycle_state"] for i in first] == ["Pending", "Pending"]
    assert len({i["availability_zone"] for i in first}) == 2
    assert first[0]["port"] is None

    cloud.report(running(first[0]["instance_id"], 41234))
    initial = cloud.health(stack.dashboard_arn)
    assert initial[first[0]["instance_id"]] == {
        "State": "initial",
        "Reason": "Elb.RegistrationInProgress",
        "Description": "Target registration is in progress",
    }
    cloud.report(health(stack.dashboard_arn, first[0]["instance_id"], "healthy"))
    assert cloud.instances(stack.group)[0]["lifecycle_state"] == "Pending"
    cloud.report(health(stack.api_arn, first[0]["instance_id"], "healthy"))
    assert cloud.instances(stack.group)[0]["lifecycle_state"] == "InService"
    cloud.start(stack)
    described = cloud.describe(stack.group)["Instances"]
    assert [i["LifecycleState"] for i in described] == ["InService", "InService"]

    cloud.autoscaling.set_desired_capacity(AutoScalingGroupName=stack.group, DesiredCapacity=5)
    assert len(cloud.start(stack)) == 3
    zones = sorted(i["availability_zone"] for i in cloud.instances(stack.group))
    assert zones == ["eu-west-3a"] * 2 + ["eu-west-3b"] * 2 + ["eu-west-3c"]

    cloud.autoscaling.set_desired_capacity(AutoScalingGroupName=stack.group, DesiredCapacity=4)
    (leaving,) = [i for i in cloud.instances(stack.group) if i["lifecycle_state"] == "Terminating"]
    assert leaving["instance_id"] == first[0]["instance_id"]
    assert leaving["drained"] is False
    assert cloud.health(stack.api_arn)[leaving["instance_id"]]["State"] == "draining"
    cloud.stop(stack, leaving["instance_id"])
    assert leaving["instance_id"] not in {i["instance_id"] for i in cloud.instances(stack.group)}

    activities = cloud.autoscaling.describe_scaling_activities(AutoScalingGroupName=stack.group)
    assert [a["StatusCode"] for a in activities["Activities"]] == ["Successful"] * 6
    assert activities["Activities"][0]["Description"].startswith("Terminating EC2 instance")
    assert activities["Activities"][0]["EndTime"] >= activities["Activities"][0]["StartTime"]


def test_ec2_shows_the_instances(cloud: Cloud) -> None:
    stack = cloud.stack()
    started = cloud.start(stack)

    def states() -> dict[str, str]:
        found = cloud.ec2.describe_instances(InstanceIds=started)["Reservations"]
        return {i["InstanceId"]: i["State"]["Name"] for r in found for i in r["Instances"]}

    assert states() == dict.fromkeys(started, "running")
    cloud.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=stack.group, ForceDelete=True)
    for instance_id in started:
        cloud.stop(stack, instance_id)
    assert states() == dict.fromkeys(started, "terminated")


def test_the_snapshot_describes_the_load_balancer(cloud: Cloud) -> None:
    stack = cloud.stack()
    snapshot = cloud.snapshot()
    (balancer,) = [lb for lb in snapshot["load_balancers"] if lb["arn"] == stack.load_balancer_arn]
    assert balancer["idle_timeout_s"] == 60
    (listener,) = balancer["listeners"]
    assert listener["port"] == 80
    assert listener["rules"] == [
        {
            "priority": 10,
            "methods": ["GET"],
            "paths": ["/dashboard"],
            "target_group_arn": stack.dashboard_arn,
        },
        {"priority": None, "methods": None, "paths": None, "target_group_arn": stack.api_arn},
    ]
    (api,) = [t for t in snapshot["target_groups"] if t["arn"] == stack.api_arn]
    assert api["health_check"] == {
        "path": "/health/ready",
        "interval_s": 5,
        "timeout_s": 2,
        "healthy_threshold": 2,
        "unhealthy_threshold": 2,
        "matcher": "200",
    }
    assert api["load_balancing_algorithm"] == "round_robin"
    assert api["deregistration_delay_s"] == 300
