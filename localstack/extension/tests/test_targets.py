"""Target health on the wire, for a group's instances and for others."""

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud, drained, health


def test_unhealthy_targets_say_why(cloud: Cloud) -> None:
    stack = cloud.stack()
    first, second = cloud.start(stack)
    cloud.report(health(stack.api_arn, first, "unhealthy", "Target.Timeout"))
    cloud.report(health(stack.api_arn, second, "unhealthy"))
    assert cloud.health(stack.api_arn) == {
        first: {
            "State": "unhealthy",
            "Reason": "Target.Timeout",
            "Description": "Request timed out",
        },
        second: {
            "State": "unhealthy",
            "Reason": "Target.FailedHealthChecks",
            "Description": "Health checks failed",
        },
    }
    assert cloud.health(stack.dashboard_arn)[first] == {"State": "healthy"}


def test_a_deregistered_target_drains_and_leaves(cloud: Cloud) -> None:
    stack = cloud.stack()
    first, _ = cloud.start(stack)
    cloud.elbv2.deregister_targets(TargetGroupArn=stack.api_arn, Targets=[{"Id": first}])
    draining = cloud.health(stack.api_arn)[first]
    assert (draining["State"], draining["Reason"]) == (
        "draining",
        "Target.DeregistrationInProgress",
    )
    cloud.report(drained(stack.api_arn, first))
    assert first not in cloud.health(stack.api_arn)
    asked = cloud.elbv2.describe_target_health(
        TargetGroupArn=stack.api_arn, Targets=[{"Id": first}]
    )["TargetHealthDescriptions"]
    assert asked[0]["TargetHealth"]["State"] == "unused"
    cloud.elbv2.register_targets(TargetGroupArn=stack.api_arn, Targets=[{"Id": first}])
    assert cloud.health(stack.api_arn)[first]["State"] == "initial"


def test_a_groups_targets_are_reached_at_their_process(cloud: Cloud) -> None:
    stack = cloud.stack()
    cloud.start(stack)
    found = cloud.elbv2.describe_target_health(TargetGroupArn=stack.api_arn)
    ports = [t["Target"]["Port"] for t in found["TargetHealthDescriptions"]]
    assert ports == [i["port"] for i in cloud.instances(stack.group)]


def test_what_does_not_run_cannot_be_registered(cloud: Cloud) -> None:
    stack = cloud.stack()
    pending = cloud.instances(stack.group)[0]["instance_id"]
    for instance_id in (pending, "i-0123456789abcdef0"):
        with pytest.raises(ClientError) as refused:
            cloud.elbv2.register_targets(
                TargetGroupArn=stack.api_arn, Targets=[{"Id": instance_id}]
            )
        assert refused.value.response["Error"]["Code"] == "InvalidTarget"


def test_an_unknown_target_group(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.elbv2.describe_target_health(TargetGroupArn="arn:aws:none")
    assert refused.value.response["Error"]["Code"] == "TargetGroupNotFound"


def test_attributes_and_rules_reach_the_snapshot(cloud: Cloud) -> None:
    stack = cloud.stack()
    cloud.elbv2.modify_target_group_attributes(
        TargetGroupArn=stack.api_arn,
        Attributes=[
            {"Key": "deregistration_delay.timeout_seconds", "Value": "45"},
            {"Key": "load_balancing.algorithm.type", "Value": "least_outstanding_requests"},
        ],
    )
    cloud.elbv2.modify_load_balancer_attributes(
        LoadBalancerArn=stack.load_balancer_arn,
        Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "30"}],
    )
    (listener,) = cloud.elbv2.describe_listeners(LoadBalancerArn=stack.load_balancer_arn)[
        "Listeners"
    ]
    cloud.elbv2.create_rule(
        ListenerArn=listener["ListenerArn"],
        Priority=5,
        Conditions=[{"Field": "path-pattern", "Values": ["/health/*"]}],
        Actions=[
            {
                "Type": "fixed-response",
                "FixedResponseConfig": {"StatusCode": "403", "ContentType": "text/plain"},
            }
        ],
    )
    snapshot = cloud.snapshot()
    (api,) = [t for t in snapshot["target_groups"] if t["arn"] == stack.api_arn]
    assert api["deregistration_delay_s"] == 45
    assert api["load_balancing_algorithm"] == "least_outstanding_requests"
    (balancer,) = [lb for lb in snapshot["load_balancers"] if lb["arn"] == stack.load_balancer_arn]
    assert balancer["idle_timeout_s"] == 30
    rules = balancer["listeners"][0]["rules"]
    assert [rule["priority"] for rule in rules] == [5, 10, None]
    assert rules[0]["paths"] == ["/health/*"]
    assert rules[0]["target_group_arn"] is None


def test_a_deleted_target_group_is_forgotten(cloud: Cloud) -> None:
    stack = cloud.stack()
    cloud.start(stack)
    arn = cloud.elbv2.create_target_group(
        Name=f"spare-{stack.group[-8:]}",
        Protocol="HTTP",
        Port=80,
        VpcId=cloud.snapshot()["network"]["vpc_id"],
    )["TargetGroups"][0]["TargetGroupArn"]
    cloud.autoscaling.attach_load_balancer_target_groups(
        AutoScalingGroupName=stack.group, TargetGroupARNs=[arn]
    )
    assert {h["State"] for h in cloud.health(arn).values()} == {"initial"}
    cloud.elbv2.delete_target_group(TargetGroupArn=arn)
    assert arn not in cloud.describe(stack.group)["TargetGroupARNs"]
    assert arn not in {t["arn"] for t in cloud.snapshot()["target_groups"]}
