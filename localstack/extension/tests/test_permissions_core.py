"""IAM's policy documents."""

import pytest

from exstrat_extension.permissions.policy import Call, NotUnderstood, allows

GROUP = "arn:aws:autoscaling:eu-west-3:0:autoScalingGroup:1:autoScalingGroupName/web"
OTHER = "arn:aws:autoscaling:eu-west-3:0:autoScalingGroup:1:autoScalingGroupName/other"


def statement(
    effect: str, action: str | list[str], resource: str, **more: object
) -> dict[str, object]:
    return {"Effect": effect, "Action": action, "Resource": resource} | more


def allowed(call: Call, *statements: dict[str, object]) -> bool:
    return allows([{"Version": "2012-10-17", "Statement": list(statements)}], call)


def test_an_action_on_its_resource_and_no_other() -> None:
    act = statement("Allow", "autoscaling:SetDesiredCapacity", GROUP)
    assert allowed(Call("autoscaling:SetDesiredCapacity", GROUP), act)
    assert not allowed(Call("autoscaling:SetDesiredCapacity", OTHER), act)
    assert not allowed(Call("autoscaling:SetDesiredCapacity"), act)
    assert not allowed(Call("autoscaling:UpdateAutoScalingGroup", GROUP), act)


def test_wildcards_and_any_case_of_an_action() -> None:
    see = statement("Allow", ["autoscaling:describe*", "cloudwatch:GetMetricData"], "*")
    assert allowed(Call("autoscaling:DescribeAutoScalingGroups"), see)
    assert allowed(Call("cloudwatch:GetMetricData"), see)
    assert not allowed(Call("autoscaling:SetDesiredCapacity", GROUP), see)
    assert not allowed(
        Call("s3:GetObject", "arn:aws:s3:::b/[x]"), statement("Allow", "s3:*", "arn:aws:s3:::b/x")
    )


def test_a_condition_is_about_the_call() -> None:
    equals = {"StringEquals": {"cloudwatch:namespace": "ExStrat/Controller"}}
    beat = statement("Allow", "cloudwatch:PutMetricData", "*", Condition=equals)
    for namespace, expected in (("ExStrat/Controller", True), ("AWS/ApplicationELB", False)):
        call = Call("cloudwatch:PutMetricData", context={"cloudwatch:namespace": namespace})
        assert allowed(call, beat) is expected
    assert not allowed(Call("cloudwatch:PutMetricData"), beat)


def test_a_denial_beats_what_is_allowed_and_silence_denies() -> None:
    call = Call("sns:Publish", "arn:topic")
    every, none = statement("Allow", "*", "*"), statement("Deny", "sns:*", "*")
    assert allowed(call, every)
    assert not allowed(call, every, none)
    assert not allowed(call)


def test_what_is_not_understood_is_said() -> None:
    call = Call("sns:Publish", "arn:topic")
    with pytest.raises(NotUnderstood, match="NotAction"):
        allowed(call, {"Effect": "Deny", "NotAction": "s3:*", "Action": "*", "Resource": "*"})
    with pytest.raises(NotUnderstood, match="DateLessThan"):
        allowed(
            call, statement("Allow", "*", "*", Condition={"DateLessThan": {"aws:CurrentTime": "x"}})
        )
