"""Calls under a role: allowed as its policies say, and remembered."""

import json
import secrets
import urllib.request
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.cloud import Cloud, Json

TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com"},
        "Action": "sts:AssumeRole",
    },
}


class Role:
    """A role with one policy, and clients under it."""

    def __init__(self, cloud: Cloud, *statements: Json) -> None:
        self._cloud, self.name = cloud, f"role-{secrets.token_hex(4)}"
        iam = cloud.client("iam")
        made = iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=json.dumps(TRUST))
        self.arn: str = made["Role"]["Arn"]
        self.allow(*statements)
        sts = cloud.client("sts")
        self._keys = sts.assume_role(RoleArn=self.arn, RoleSessionName="test")["Credentials"]

    def allow(self, *statements: Json) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam = self._cloud.client("iam")
        iam.put_role_policy(RoleName=self.name, PolicyName="it", PolicyDocument=document)

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self._cloud.endpoint,
            region_name="eu-west-3",
            aws_access_key_id=self._keys["AccessKeyId"],
            aws_secret_access_key=self._keys["SecretAccessKey"],
            aws_session_token=self._keys["SessionToken"],
            config=Config(retries={"total_max_attempts": 1}),
        )

    def calls(self) -> list[tuple[str, bool]]:
        with urllib.request.urlopen(f"{self._cloud.endpoint}/_calls", timeout=10) as response:
            every = json.load(response)
        return [(call["action"], call["allowed"]) for call in every if call["role"] == self.arn]


def statement(actions: str | list[str], resource: str = "*", **more: Any) -> Json:
    return {"Effect": "Allow", "Action": actions, "Resource": resource} | more


def denied(refused: pytest.ExceptionInfo[ClientError]) -> bool:
    response = refused.value.response
    return "AccessDenied" in response["Error"]["Code"] and (
        response["ResponseMetadata"]["HTTPStatusCode"] == 403
    )


def test_one_group_may_be_resized_and_no_other(cloud: Cloud) -> None:
    ours, other = cloud.stack().group, cloud.stack().group
    role = Role(
        cloud,
        statement("autoscaling:SetDesiredCapacity", cloud.describe(ours)["AutoScalingGroupARN"]),
    )
    autoscaling = role.client("autoscaling")
    autoscaling.set_desired_capacity(AutoScalingGroupName=ours, DesiredCapacity=3)
    assert cloud.describe(ours)["DesiredCapacity"] == 3
    for group, call in ((other, "set_desired_capacity"), (None, "describe_auto_scaling_groups")):
        words = {"AutoScalingGroupName": group, "DesiredCapacity": 3} if group else {}
        with pytest.raises(ClientError) as refused:
            getattr(autoscaling, call)(**words)
        assert denied(refused)
    assert cloud.describe(other)["DesiredCapacity"] == 2
    assert role.calls() == [
        ("autoscaling:SetDesiredCapacity", True),
        ("autoscaling:SetDesiredCapacity", False),
        ("autoscaling:DescribeAutoScalingGroups", False),
    ]


def test_metrics_are_held_to_their_namespace(cloud: Cloud) -> None:
    condition = {"StringEquals": {"cloudwatch:namespace": "Ours"}}
    role = Role(cloud, statement("cloudwatch:PutMetricData", Condition=condition))
    metrics, datum = role.client("cloudwatch"), [{"MetricName": "Heartbeat", "Value": 1.0}]
    metrics.put_metric_data(Namespace="Ours", MetricData=datum)
    with pytest.raises(ClientError) as refused:
        metrics.put_metric_data(Namespace="AWS/ApplicationELB", MetricData=datum)
    assert denied(refused)


def test_a_permission_that_is_taken_away_is_gone(cloud: Cloud) -> None:
    role = Role(cloud, statement(["sqs:ListQueues", "sns:ListTopics"]))
    topics = role.client("sns")
    topics.list_topics()
    role.allow(statement("sqs:ListQueues"))
    with pytest.raises(ClientError) as refused:
        topics.list_topics()
    assert denied(refused)


def test_other_credentials_may_do_everything(cloud: Cloud) -> None:
    assert "Topics" in cloud.client("sns").list_topics()
