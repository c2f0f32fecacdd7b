"""CloudWatch's metrics through boto3, which speaks CBOR, and through the older protocols."""

import time
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud, Json


@pytest.fixture
def minute() -> datetime:
    """The start of a minute that is over."""
    return datetime.fromtimestamp(time.time() // 60 * 60 - 120, UTC)


def query(namespace: str, stat: str, period: int = 60, **metric: Any) -> Json:
    return {
        "Id": "q",
        "MetricStat": {
            "Metric": {"Namespace": namespace, "MetricName": "latency"} | metric,
            "Period": period,
            "Stat": stat,
        },
    }


def values(cloud: Cloud, start: datetime, *queries: Json, **options: Any) -> list[list[float]]:
    numbered = [q | {"Id": f"q{index}"} for index, q in enumerate(queries)]
    results = cloud.cloudwatch.get_metric_data(
        MetricDataQueries=numbered,
        StartTime=start,
        EndTime=start + timedelta(minutes=3),
        **options,
    )["MetricDataResults"]
    return [result["Values"] for result in results]


def test_percentiles_of_single_values(cloud: Cloud, namespace: str, minute: datetime) -> None:
    data = [
        {"MetricName": "latency", "Value": float(v), "Timestamp": minute + timedelta(seconds=v / 2)}
        for v in range(1, 101)
    ]
    cloud.cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)
    stats = ["p95", "p50", "p0", "p100", "p99.9", "Average", "SampleCount", "Minimum", "Maximum"]
    found = values(cloud, minute, *(query(namespace, stat) for stat in stats))
    assert [round(v[0], 6) for v in found] == [95.05, 50.5, 1, 100, 99.901, 50.5, 100, 1, 100]


def test_values_with_counts(cloud: Cloud, namespace: str, minute: datetime) -> None:
    datum = {
        "MetricName": "latency",
        "Values": [0.1, 0.2, 5.0],
        "Counts": [90.0, 9.0, 1.0],
        "Timestamp": minute,
        "Unit": "Seconds",
    }
    cloud.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])
    stats = ["SampleCount", "Sum", "p50", "p95", "p100"]
    found = values(cloud, minute, *(query(namespace, stat) for stat in stats))
    assert [round(v[0], 6) for v in found] == [100, 15.8, 0.1, 0.2, 5.0]


def test_statistics_by_name_and_extended(cloud: Cloud, namespace: str, minute: datetime) -> None:
    datum = {
        "MetricName": "latency",
        "Values": [float(v) for v in range(1, 101)],
        "Timestamp": minute,
        "Unit": "Milliseconds",
    }
    cloud.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])
    window = {
        "Namespace": namespace,
        "MetricName": "latency",
        "StartTime": minute,
        "EndTime": minute + timedelta(minutes=1),
        "Period": 60,
    }
    plain = cloud.cloudwatch.get_metric_statistics(**window, Statistics=["Average", "Maximum"])
    (point,) = plain["Datapoints"]
    assert point == {
        "Timestamp": minute.replace(tzinfo=point["Timestamp"].tzinfo),
        "Average": 50.5,
        "Maximum": 100.0,
        "Unit": "Milliseconds",
    }
    extended = cloud.cloudwatch.get_metric_statistics(**window, ExtendedStatistics=["p95", "p99.9"])
    (point,) = extended["Datapoints"]
    assert point["ExtendedStatistics"] == pytest.approx({"p95": 95.05, "p99.9": 99.901})


def test_dimensions_match_exactly(cloud: Cloud, namespace: str, minute: datetime) -> None:
    both = [{"Name": "Host", "Value": "a"}, {"Name": "Zone", "Value": "b"}]
    datum = {"MetricName": "latency", "Dimensions": both, "Value": 1.0, "Timestamp": minute}
    cloud.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])
    reordered, subset, none = both[::-1], both[:1], []  # type: ignore[var-annotated]
    found = values(
        cloud, minute, *(query(namespace, "Sum", Dimensions=d) for d in (reordered, subset, none))
    )
    assert found == [[1.0], [], []]
    listed = cloud.cloudwatch.list_metrics(Namespace=namespace, Dimensions=[{"Name": "Zone"}])
    assert listed["Metrics"] == [
        {"Namespace": namespace, "MetricName": "latency", "Dimensions": both}
    ]


def test_periods_are_aligned_and_scanned_either_way(
    cloud: Cloud, namespace: str, minute: datetime
) -> None:
    data = [
        {
            "MetricName": "latency",
            "Value": float(second),
            "Timestamp": minute + timedelta(seconds=second, milliseconds=250),
            "StorageResolution": 1,
        }
        for second in (3, 12, 17, 61)
    ]
    cloud.cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)
    start = minute + timedelta(seconds=2)
    ascending = cloud.cloudwatch.get_metric_data(
        MetricDataQueries=[query(namespace, "Sum", 10)],
        StartTime=start,
        EndTime=start + timedelta(minutes=2),
        ScanBy="TimestampAscending",
    )["MetricDataResults"][0]
    seconds = [(t - minute).total_seconds() for t in ascending["Timestamps"]]
    assert (seconds, ascending["Values"]) == ([0, 10, 60], [3, 29, 61])
    assert values(cloud, start, query(namespace, "Sum", 60)) == [[61, 32]]


def test_standard_resolution_is_by_the_minute(
    cloud: Cloud, namespace: str, minute: datetime
) -> None:
    datum = {
        "MetricName": "latency",
        "Value": 1.0,
        "Timestamp": minute + timedelta(seconds=42),
    }
    cloud.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])
    result = cloud.cloudwatch.get_metric_data(
        MetricDataQueries=[query(namespace, "Sum", 10)],
        StartTime=minute,
        EndTime=minute + timedelta(minutes=1),
    )["MetricDataResults"][0]
    assert [t.second for t in result["Timestamps"]] == [0]


def test_a_statistic_set_has_no_percentiles(cloud: Cloud, namespace: str, minute: datetime) -> None:
    given = {"SampleCount": 4.0, "Sum": 10.0, "Minimum": 1.0, "Maximum": 4.0}
    datum = {"MetricName": "latency", "StatisticValues": given, "Timestamp": minute}
    cloud.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])
    stats = ["p95", "Average", "SampleCount"]
    assert values(cloud, minute, *(query(namespace, s) for s in stats)) == [[], [2.5], [4.0]]


def test_a_large_request_arrives_compressed(cloud: Cloud, namespace: str, minute: datetime) -> None:
    data = [
        {"MetricName": "latency", "Values": [float(v) for v in range(150)], "Timestamp": minute}
        for _ in range(200)
    ]
    cloud.cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)
    assert values(cloud, minute, query(namespace, "SampleCount")) == [[30000.0]]


@pytest.mark.parametrize(
    ("datum", "code"),
    [
        ({"Values": [1.0] * 151}, "InvalidParameterValue"),
        ({"Values": [1.0, 2.0], "Counts": [1.0]}, "InvalidParameterValue"),
        ({"Value": 1.0, "Values": [1.0]}, "InvalidParameterCombination"),
        ({"Value": float("nan")}, "InvalidParameterValue"),
        ({}, "MissingParameter"),
        ({"Value": 1.0, "StorageResolution": 5}, "InvalidParameterValue"),
        ({"Value": 1.0, "Timestamp": datetime(2020, 1, 1, tzinfo=UTC)}, "InvalidParameterValue"),
    ],
)
def test_bad_data_is_refused(cloud: Cloud, namespace: str, datum: Json, code: str) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.cloudwatch.put_metric_data(
            Namespace=namespace, MetricData=[{"MetricName": "latency"} | datum]
        )
    assert refused.value.response["Error"]["Code"] == code


def test_more_than_a_thousand_data_are_refused(cloud: Cloud, namespace: str) -> None:
    data = [{"MetricName": "latency", "Value": 1.0}] * 1001
    with pytest.raises(ClientError, match="greater than 1000"):
        cloud.cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)


@pytest.mark.parametrize("period", [7, 15, 61, 90])
def test_odd_periods_are_refused(
    cloud: Cloud, namespace: str, minute: datetime, period: int
) -> None:
    with pytest.raises(ClientError, match="multiple of 60"):
        values(cloud, minute, query(namespace, "Sum", period))


def test_pages_of_datapoints(cloud: Cloud, namespace: str, minute: datetime) -> None:
    data = [
        {"MetricName": "latency", "Value": float(s), "Timestamp": at, "StorageResolution": 1}
        for s in range(5)
        for at in [minute + timedelta(seconds=s)]
    ]
    cloud.cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)
    pages = cloud.cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[query(namespace, "Sum", 1)],
        StartTime=minute,
        EndTime=minute + timedelta(minutes=1),
        PaginationConfig={"PageSize": 2},
    )
    assert [p["MetricDataResults"][0]["Values"] for p in pages] == [[4, 3], [2, 1], [0]]


def test_cbor_as_the_rust_sdk_sends_it(cloud: Cloud, namespace: str, minute: datetime) -> None:
    """Smithy RPC v2 with CBOR: timestamps are tag 1 with a floating-point number of seconds."""

    def call(operation: str, content: Json) -> Json:
        request = urllib.request.Request(
            f"{cloud.endpoint}/service/GraniteServiceVersion20100801/operation/{operation}",
            cbor2.dumps(content),
            {
                "content-type": "application/cbor",
                "smithy-protocol": "rpc-v2-cbor",
                "accept": "application/cbor",
                "authorization": "AWS4-HMAC-SHA256 Credential=test/20261124/eu-west-3/monitoring/"
                "aws4_request, SignedHeaders=host, Signature=0",
            },
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            assert response.headers["smithy-protocol"] == "rpc-v2-cbor"
            body = response.read()
            answer: Json = cbor2.loads(body) if body else {}
            return answer

    start = minute.timestamp()
    datum = {
        "MetricName": "latency",
        "Values": [float(v) for v in range(1, 101)],
        "Timestamp": cbor2.CBORTag(1, start + 10.5),
    }
    call("PutMetricData", {"Namespace": namespace, "MetricData": [datum]})
    answer = call(
        "GetMetricData",
        {
            "MetricDataQueries": [query(namespace, "p95")],
            "StartTime": cbor2.CBORTag(1, start + 0.25),
            "EndTime": cbor2.CBORTag(1, start + 60.75),
        },
    )
    (result,) = answer["MetricDataResults"]
    assert result["Values"] == pytest.approx([95.05])
    assert result["Timestamps"] == [minute]


@pytest.mark.parametrize("protocol", ["query", "json"])
def test_older_protocols(cloud: Cloud, namespace: str, minute: datetime, protocol: str) -> None:
    """The same service for clients that have not moved to CBOR yet."""
    client = cloud.client("cloudwatch", protocol)
    datum = {"MetricName": "latency", "Value": 2.5, "Timestamp": minute}
    client.put_metric_data(Namespace=namespace, MetricData=[datum])
    result = client.get_metric_data(
        MetricDataQueries=[query(namespace, "p50")],
        StartTime=minute,
        EndTime=minute + timedelta(minutes=1),
    )["MetricDataResults"][0]
    assert (result["Values"], result["Timestamps"]) == ([2.5], [minute])


def test_a_load_of_publishers_stays_quick(cloud: Cloud, namespace: str, minute: datetime) -> None:
    """Forty full requests, a busy local cloud's second, and percentiles of them."""
    data = [
        {
            "MetricName": "latency",
            "Values": [float(v) for v in range(150)],
            "Timestamp": minute,
            "StorageResolution": 1,
        }
    ]
    began = time.perf_counter()
    for _ in range(40):
        cloud.cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)
    published_s = time.perf_counter() - began
    found = values(cloud, minute, *(query(namespace, s) for s in ("SampleCount", "p95", "p99")))
    queried_s = time.perf_counter() - began - published_s
    assert found == [[6000.0], [142.0], [148.0]]
    assert published_s < 4
    assert queried_s < 1


def test_an_alarm_on_a_percentile(cloud: Cloud, namespace: str) -> None:
    period_s = 10
    ended = time.time() // period_s * period_s - period_s
    datum = {
        "MetricName": "latency",
        "Values": [0.1, 3.0],
        "Counts": [90.0, 10.0],
        "Timestamp": datetime.fromtimestamp(ended, UTC),
        "StorageResolution": 1,
    }
    cloud.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])
    alarm = {
        "AlarmName": f"slow-{namespace}",
        "Namespace": namespace,
        "MetricName": "latency",
        "Period": period_s,
        "EvaluationPeriods": 6,
        "DatapointsToAlarm": 1,
        "Threshold": 2.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    for statistic, expected in (("p50", "OK"), ("p95", "ALARM")):
        cloud.cloudwatch.put_metric_alarm(**alarm, ExtendedStatistic=statistic)
        assert cloud.state_of(f"slow-{namespace}", expected) == expected
