"""The local cloud as a test drives it: boto3 for AWS's side, HTTP for the seam."""

import json
import os
import secrets
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

Json = dict[str, Any]

LOCALSTACK = [sys.executable, "-m", "localstack.runtime.main"]


def environment(port: int, folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "FILESYSTEM_ROOT": str(folder / "root"),
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "AWS_DEFAULT_REGION": "eu-west-3",
        "AWS_EC2_METADATA_DISABLED": "true",
        "DISABLE_EVENTS": "1",
        "DNS_ADDRESS": "0",
        "LOCALSTACK_CLI": "0",
        "OVERRIDE_IN_DOCKER": "0",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
    }


@dataclass
class Stack:
    """A load balancer with two target groups, and a group attached to both."""

    group: str
    load_balancer_arn: str
    dashboard_arn: str
    api_arn: str


@dataclass
class Cloud:
    endpoint: str
    autoscaling: Any = field(init=False)
    elbv2: Any = field(init=False)
    ec2: Any = field(init=False)
    cloudwatch: Any = field(init=False)

    def __post_init__(self) -> None:
        for name in ("autoscaling", "elbv2", "ec2", "cloudwatch"):
            setattr(self, name, self.client(name))

    def client(self, service: str, protocol: str | None = None, region: str = "eu-west-3") -> Any:
        """A client that does not retry: a test sees the first answer.

        botocore chooses the protocol among those of the service's model, unless one is given.
        """
        session = boto3.session.Session()
        if protocol:
            loader = session._session.get_component("data_loader")
            loader.load_service_model(service, "service-2")["metadata"]["protocols"] = [protocol]
        return session.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )

    def snapshot(self) -> Json:
        with urllib.request.urlopen(f"{self.endpoint}/_fleet", timeout=10) as response:
            content: Json = json.load(response)
            return content

    def report(self, *facts: Json) -> Json:
        status, content = self.post("/_fleet/facts", json.dumps(facts).encode())
        assert status == 200, content
        return content

    def post(self, path: str, body: bytes) -> tuple[int, Json]:
        request = urllib.request.Request(f"{self.endpoint}{path}", body, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def instances(self, group: str) -> list[Json]:
        return [i for i in self.snapshot()["instances"] if i["group"] == group]

    def describe(self, group: str) -> Json:
        found = self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])
        described: Json = found["AutoScalingGroups"][0]
        return described

    def state_of(self, alarm: str, expected: str) -> str:
        """The alarm's state, as soon as it is the expected one or after five seconds."""
        deadline = time.monotonic() + 5
        while True:
            (described,) = self.cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
            state = str(described["StateValue"])
            if state == expected or time.monotonic() > deadline:
                return state
            time.sleep(0.1)

    def metric_alarm(self, name: str) -> None:
        """One that nothing but a test's own word turns."""
        self.cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace=name,
            MetricName="errors",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1.0,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="ignore",
        )

    def turn(self, alarm: str, state: str) -> None:
        self.cloudwatch.set_alarm_state(AlarmName=alarm, StateValue=state, StateReason="a drill")

    def health(self, target_group_arn: str) -> dict[str, Json]:
        found = self.elbv2.describe_target_health(TargetGroupArn=target_group_arn)
        return {t["Target"]["Id"]: t["TargetHealth"] for t in found["TargetHealthDescriptions"]}

    def start(self, stack: Stack) -> list[str]:
        """Brings every pending instance in service, as the data plane would."""
        pending = [i for i in self.instances(stack.group) if i["lifecycle_state"] == "Pending"]
        started = [i["instance_id"] for i in pending]
        for offset, instance_id in enumerate(started):
            self.report(running(instance_id, 41000 + offset))
            for arn in (stack.dashboard_arn, stack.api_arn):
                self.report(health(arn, instance_id, "healthy"))
        return started

    def stop(self, stack: Stack, instance_id: str) -> None:
        """Drains and stops a terminating instance."""
        for arn in (stack.dashboard_arn, stack.api_arn):
            self.report(drained(arn, instance_id))
        self.report(exited(instance_id))

    def launch_configuration(self) -> str:
        name = f"launch-{secrets.token_hex(4)}"
        self.autoscaling.create_launch_configuration(
            LaunchConfigurationName=name, ImageId="ami-12345678", InstanceType="t3.small"
        )
        return name

    def stack(self, **group: Any) -> Stack:
        """What the quick start makes: the default network, ALB, two target groups, rule, group."""
        token = secrets.token_hex(4)
        network = self.snapshot()["network"]
        load_balancer = self.elbv2.create_load_balancer(
            Name=f"lb-{token}", Subnets=network["subnet_ids"], Scheme="internal"
        )["LoadBalancers"][0]
        dashboard, api = (
            self.elbv2.create_target_group(
                Name=f"{name}-{token}",
                Protocol="HTTP",
                Port=80,
                VpcId=network["vpc_id"],
                HealthCheckPath="/health/ready",
                HealthCheckIntervalSeconds=5,
                HealthCheckTimeoutSeconds=2,
                HealthyThresholdCount=2,
                UnhealthyThresholdCount=2,
            )["TargetGroups"][0]["TargetGroupArn"]
            for name in ("dashboard", "api")
        )
        listener = self.elbv2.create_listener(
            LoadBalancerArn=load_balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": api}],
        )["Listeners"][0]
        self.elbv2.create_rule(
            ListenerArn=listener["ListenerArn"],
            Priority=10,
            Conditions=[
                {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}},
                {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/dashboard"]}},
            ],
            Actions=[{"Type": "forward", "TargetGroupArn": dashboard}],
        )
        options = {"MinSize": 2, "MaxSize": 20, "DesiredCapacity": 2} | group
        self.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=f"group-{token}",
            LaunchConfigurationName=self.launch_configuration(),
            VPCZoneIdentifier=",".join(network["subnet_ids"]),
            TargetGroupARNs=[dashboard, api],
            **options,
        )
        return Stack(f"group-{token}", load_balancer["LoadBalancerArn"], dashboard, api)


def refusal(call: Callable[..., object], **request: Any) -> tuple[str, str]:
    """The code and the message of the error that it must be answered with."""
    with pytest.raises(ClientError) as refused:
        call(**request)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def running(instance_id: str, port: int) -> Json:
    return {"fact": "instance_running", "instance_id": instance_id, "port": port}


def exited(instance_id: str) -> Json:
    return {"fact": "instance_exited", "instance_id": instance_id}


def health(arn: str, instance_id: str, state: str, reason: str | None = None) -> Json:
    fact = {"fact": "target_health", "target_group_arn": arn, "instance_id": instance_id}
    return fact | {"state": state} | ({"reason": reason} if reason else {})


def drained(arn: str, instance_id: str) -> Json:
    return {"fact": "target_drained", "target_group_arn": arn, "instance_id": instance_id}
