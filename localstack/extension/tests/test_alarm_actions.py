"""Alarms on metric math, and the scaling policies that they invoke."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud, Json, Stack

PERIOD_S = 10
EXPRESSION = "IF(p95 > 3 AND MAX([heartbeat, TIME_SERIES(0)]) < 1, 1, 0)"


def query(id_: str, namespace: str, metric: str, stat: str) -> Json:
    metric_ = {"Namespace": namespace, "MetricName": metric}
    stat_ = {"Metric": metric_, "Period": PERIOD_S, "Stat": stat}
    return {"Id": id_, "MetricStat": stat_, "ReturnData": False}


def publish(cloud: Cloud, namespace: str, metric: str, value: float, *starts: float) -> None:
    for start in starts:
        datum = {
            "MetricName": metric,
            "Value": value,
            "Timestamp": datetime.fromtimestamp(start, UTC),
        }
        cloud.cloudwatch.put_metric_data(
            Namespace=namespace, MetricData=[datum | {"StorageResolution": 1}]
        )


def put_alarm(cloud: Cloud, namespace: str, *actions: str, expression: str = EXPRESSION) -> str:
    name = f"unattended-{namespace}"
    cloud.cloudwatch.put_metric_alarm(
        AlarmName=name,
        Metrics=[
            {"Id": "unattended", "Expression": expression, "ReturnData": True},
            query("p95", namespace, "latency", "p95"),
            query("heartbeat", namespace, "Heartbeat", "SampleCount"),
        ],
        EvaluationPeriods=2,
        Threshold=0.0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=list(actions),
    )
    return name


def ended() -> tuple[float, float, float]:
    """The starts of the last periods; the alarm, put at once, looks at two that are among them."""
    now = time.time() // PERIOD_S * PERIOD_S
    return now - 2 * PERIOD_S, now - PERIOD_S, now


def policy(cloud: Cloud, stack: Stack, percent: int = 50) -> str:
    arn: str = cloud.autoscaling.put_scaling_policy(
        AutoScalingGroupName=stack.group,
        PolicyName=f"net-{stack.group}",
        PolicyType="StepScaling",
        AdjustmentType="PercentChangeInCapacity",
        MinAdjustmentMagnitude=2,
        EstimatedInstanceWarmup=0,
        StepAdjustments=[{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": percent}],
    )["PolicyARN"]
    return arn


def desired(cloud: Cloud, stack: Stack, expected: int) -> int:
    deadline = time.monotonic() + 5
    while True:
        found = int(cloud.describe(stack.group)["DesiredCapacity"])
        if found == expected or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def test_metric_math_is_answered(cloud: Cloud, namespace: str) -> None:
    first, second, _ = ended()
    publish(cloud, namespace, "latency", 4.0, first, second)
    publish(cloud, namespace, "Heartbeat", 1.0, second)
    answer = cloud.cloudwatch.get_metric_data(
        MetricDataQueries=[
            {"Id": "unattended", "Expression": EXPRESSION},
            {"Id": "twice", "Expression": "unattended * 2"},
            query("p95", namespace, "latency", "p95"),
            query("heartbeat", namespace, "Heartbeat", "SampleCount"),
        ],
        StartTime=datetime.fromtimestamp(first, UTC),
        EndTime=datetime.fromtimestamp(second + PERIOD_S, UTC),
        ScanBy="TimestampAscending",
    )["MetricDataResults"]
    assert [(r["Id"], r["Values"]) for r in answer] == [("unattended", [1, 0]), ("twice", [2, 0])]


@pytest.mark.parametrize("expression", ["p95 +", "p95 > nobody", "me + 1", "SEARCH('x')", "1 + 1"])
def test_what_is_no_expression_is_refused(cloud: Cloud, namespace: str, expression: str) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.cloudwatch.get_metric_data(
            MetricDataQueries=[
                {"Id": "me", "Expression": expression},
                query("p95", namespace, "latency", "p95"),
            ],
            StartTime=datetime.fromtimestamp(0, UTC),
            EndTime=datetime.fromtimestamp(600, UTC),
        )
    assert refused.value.response["Error"]["Code"] == "ValidationError"


def test_an_alarm_on_metric_math_scales_out_by_steps(cloud: Cloud, namespace: str) -> None:
    stack = cloud.stack()
    cloud.start(stack)
    publish(cloud, namespace, "latency", 4.0, *ended())
    name = put_alarm(cloud, namespace, policy(cloud, stack))
    assert cloud.state_of(name, "ALARM") == "ALARM"
    assert desired(cloud, stack, 4) == 4
    (latest, *_) = cloud.autoscaling.describe_scaling_activities(AutoScalingGroupName=stack.group)[
        "Activities"
    ]
    assert f"a monitor alarm {name} in state ALARM triggered policy" in latest["Cause"]


def test_a_heartbeat_keeps_it_still(cloud: Cloud, namespace: str) -> None:
    stack = cloud.stack()
    publish(cloud, namespace, "latency", 4.0, *ended())
    publish(cloud, namespace, "Heartbeat", 1.0, *ended())
    name = put_alarm(cloud, namespace, policy(cloud, stack))
    assert cloud.state_of(name, "OK") == "OK"
    assert desired(cloud, stack, 2) == 2


def test_while_the_alarm_lasts_it_adds_again(cloud: Cloud, namespace: str) -> None:
    stack = cloud.stack()
    cloud.start(stack)
    now = time.time() // PERIOD_S * PERIOD_S
    publish(cloud, namespace, "latency", 4.0, *(now + PERIOD_S * n for n in range(-2, 3)))
    put_alarm(cloud, namespace, policy(cloud, stack))
    assert desired(cloud, stack, 4) == 4
    cloud.start(stack)
    deadline = time.monotonic() + 2 * PERIOD_S
    while desired(cloud, stack, 6) < 6 and time.monotonic() < deadline:
        pass
    assert desired(cloud, stack, 6) == 6


def test_an_alarm_set_by_hand_scales_too(cloud: Cloud, namespace: str) -> None:
    stack: Any = cloud.stack()
    cloud.start(stack)
    name = put_alarm(cloud, namespace, policy(cloud, stack))
    assert cloud.state_of(name, "OK") == "OK"
    cloud.cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a drill")
    assert desired(cloud, stack, 4) == 4


def test_a_policy_is_shown_as_it_was_put(cloud: Cloud) -> None:
    stack = cloud.stack()
    arn = policy(cloud, stack)
    (shown,) = cloud.autoscaling.describe_policies(AutoScalingGroupName=stack.group)[
        "ScalingPolicies"
    ]
    assert (shown["PolicyARN"], shown["Enabled"]) == (arn, True)
    assert "PredictiveScalingConfiguration" not in shown
