"""Composite alarms, through LocalStack: by their rules, nested, and what they tell whom."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.cloud import Cloud, Json, refusal


def put_metric_alarms(cloud: Cloud, *names: str) -> None:
    for name in names:
        cloud.metric_alarm(name)


def put(cloud: Cloud, name: str, rule: str, **more: Any) -> None:
    cloud.cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=rule, **more)


def composite(cloud: Cloud, name: str) -> Json:
    found = cloud.cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])
    (alarm,) = found["CompositeAlarms"]
    described: Json = alarm
    return described


def state(cloud: Cloud, name: str) -> str:
    return str(composite(cloud, name)["StateValue"])


def invalid(call: Callable[..., object], **request: Any) -> str:
    code, message = refusal(call, **request)
    assert code == "ValidationError"
    return message


@pytest.fixture
def long(cloud: Cloud, namespace: str) -> str:
    """The long window's alarm; the short one's and the composite are named after it."""
    put_metric_alarms(cloud, f"{namespace}-long", f"{namespace}-short")
    return f"{namespace}-long"


@pytest.fixture
def short(long: str) -> str:
    return long.removesuffix("long") + "short"


def test_both_windows_by_name(cloud: Cloud, namespace: str, long: str, short: str) -> None:
    put(cloud, namespace, f'ALARM("{long}") AND ALARM("{short}")')
    assert state(cloud, namespace) == "OK"
    cloud.turn(long, "ALARM")
    assert state(cloud, namespace) == "OK"
    cloud.turn(short, "ALARM")
    found = composite(cloud, namespace)
    assert found["StateValue"] == "ALARM"
    assert f"alarm:{short} transitioned to ALARM at " in found["StateReason"]
    (trigger,) = json.loads(found["StateReasonData"])["triggeringAlarms"]
    assert trigger["arn"].endswith(short)
    cloud.turn(long, "OK")
    assert state(cloud, namespace) == "OK"


def test_by_arn_and_unquoted(cloud: Cloud, namespace: str, long: str, short: str) -> None:
    (described,) = cloud.cloudwatch.describe_alarms(AlarmNames=[long])["MetricAlarms"]
    put(cloud, namespace, f"ALARM({described['AlarmArn']}) AND NOT ALARM({short})")
    cloud.turn(long, "ALARM")
    assert state(cloud, namespace) == "ALARM"
    cloud.turn(short, "ALARM")
    assert state(cloud, namespace) == "OK"


def test_it_is_evaluated_when_put(cloud: Cloud, namespace: str, long: str) -> None:
    cloud.turn(long, "ALARM")
    put(cloud, namespace, f"ALARM({long})")
    created = composite(cloud, namespace)
    assert created["StateValue"] == "ALARM"
    assert created["StateReason"].endswith("was created and its alarm rule evaluates to ALARM")
    put(cloud, namespace, f"ALARM({long})", AlarmDescription="more words")
    kept = composite(cloud, namespace)
    assert (kept["StateReason"], kept["AlarmDescription"]) == (created["StateReason"], "more words")
    put(cloud, namespace, "FALSE")
    updated = composite(cloud, namespace)
    assert updated["StateReason"].endswith("was updated and its alarm rule evaluates to OK")


def test_an_update_of_what_it_looks_at_changes_nothing(
    cloud: Cloud, namespace: str, long: str
) -> None:
    put(cloud, namespace, f"ALARM({long})")
    cloud.turn(long, "ALARM")
    put_metric_alarms(cloud, long)
    assert cloud.state_of(long, "ALARM") == "ALARM"
    assert state(cloud, namespace) == "ALARM"


def test_one_looks_at_another(cloud: Cloud, namespace: str, long: str, short: str) -> None:
    put(cloud, f"{namespace}-inner", f"ALARM({long})")
    put(cloud, namespace, f"ALARM({namespace}-inner) OR ALARM({short})")
    cloud.turn(long, "ALARM")
    assert state(cloud, namespace) == "ALARM"
    assert f"{namespace}-inner transitioned" in composite(cloud, namespace)["StateReason"]
    cloud.turn(long, "OK")
    assert state(cloud, namespace) == "OK"


def test_a_cycle_comes_to_rest(cloud: Cloud, namespace: str, long: str) -> None:
    one, other = f"{namespace}-one", f"{namespace}-other"
    put(cloud, one, f"ALARM({long})")
    put(cloud, other, f"NOT ALARM({one})")
    put(cloud, one, f"ALARM({long}) OR ALARM({other})")
    cloud.turn(long, "ALARM")
    assert (state(cloud, one), state(cloud, other)) == ("ALARM", "OK")
    put(cloud, one, "FALSE")
    cloud.cloudwatch.delete_alarms(AlarmNames=[one, other])


def test_each_change_is_told_once(cloud: Cloud, namespace: str, long: str) -> None:
    sqs, sns = cloud.client("sqs"), cloud.client("sns")
    queue = sqs.create_queue(QueueName=namespace)["QueueUrl"]
    asked = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    topic = sns.create_topic(Name=namespace)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=asked["Attributes"]["QueueArn"])
    put(cloud, namespace, f"ALARM({long})", AlarmActions=[topic], OKActions=[topic])
    for value in ("ALARM", "ALARM", "OK", "INSUFFICIENT_DATA"):
        cloud.turn(long, value)
    told: list[str] = []
    while len(told) < 3:
        (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
        told.append(json.loads(json.loads(message["Body"])["Message"])["NewStateValue"])
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert sorted(told) == ["ALARM", "OK", "OK"], "on creation, and for each change"
    assert not sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages")


def test_what_is_no_rule_is_refused(cloud: Cloud, namespace: str, long: str) -> None:
    def refused(rule: str) -> str:
        return invalid(put, cloud=cloud, name=namespace, rule=rule)

    assert refused("ALARM(two words)") == (
        "Error in AlarmRule [Unsupported token 'words' at char 10, must be: ')']"
    )
    assert refused(f"ALARM({long}) OR OK(none) OR OK(nobody)") == (
        "Could not save the composite alarm as alarms [nobody, none] in the alarm rule do not exist"
    )
    found = cloud.cloudwatch.describe_alarms(AlarmNames=[namespace], AlarmTypes=["CompositeAlarm"])
    assert found["CompositeAlarms"] == []


def test_what_a_rule_names_stays(cloud: Cloud, namespace: str, long: str, short: str) -> None:
    put(cloud, namespace, f"ALARM({long}) AND ALARM({short})")
    delete = cloud.cloudwatch.delete_alarms
    assert invalid(delete, AlarmNames=[long]).startswith(f"Cannot delete {long} as there are")
    assert invalid(delete, AlarmNames=[long, short]).endswith("depending on them.")
    delete(AlarmNames=[namespace])
    delete(AlarmNames=[long, short])
    assert cloud.cloudwatch.describe_alarms(AlarmNames=[long])["MetricAlarms"] == []
