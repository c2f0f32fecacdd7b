"""Metric queries, checked in AWS's words, and their answers in its shapes."""

from datetime import UTC, datetime, timedelta
from typing import Any

from localstack.aws.api.cloudwatch import (
    InvalidNextToken,
    InvalidParameterCombinationException,
    InvalidParameterValueException,
)
from localstack.services.cloudwatch.provider_v2 import ValidationException

from exstrat_extension.metrics.distribution import (
    SIMPLE_STATISTICS,
    Distribution,
    is_percentile,
    is_statistic,
    statistic_of,
)
from exstrat_extension.metrics.store import MetricId

Response = dict[str, Any]

Points = list[tuple[int, float]]
"""Values by the second at which their period starts, in unix seconds."""

MAX_QUERIES = 500
MAX_STATISTICS_DATAPOINTS = 1440
MAX_DATAPOINTS = 100_800
LIST_PAGE = 500
SUB_MINUTE_PERIODS_S = (1, 5, 10, 20, 30)


def check_times(start: datetime, end: datetime) -> None:
    if start >= end:
        raise InvalidParameterValueException(
            "The parameter StartTime must be less than the parameter EndTime."
        )


def check_period(field: str, period: int) -> None:
    if period not in SUB_MINUTE_PERIODS_S and (period <= 0 or period % 60):
        raise InvalidParameterValueException(
            f"The parameter {field} must be 1, 5, 10, 20, 30 or a multiple of 60; found {period}."
        )


def check_range(start: datetime, end: datetime, period_s: int) -> None:
    """GetMetricStatistics' limit of datapoints in one answer."""
    requested = (end - start).total_seconds() / period_s
    if requested > MAX_STATISTICS_DATAPOINTS:
        raise InvalidParameterCombinationException(
            f"You have requested up to {int(requested)} datapoints, which exceeds the limit of "
            f"{MAX_STATISTICS_DATAPOINTS}. You may reduce the datapoints requested by "
            "increasing Period, or decreasing the time range."
        )


def check_statistics(statistics: list[str], extended: list[str]) -> None:
    if bool(statistics) == bool(extended):
        raise InvalidParameterCombinationException(
            "Must specify either Statistics or ExtendedStatistics, but not both."
        )
    for statistic in statistics:
        if statistic not in SIMPLE_STATISTICS:
            raise InvalidParameterValueException(
                f"The value {statistic} for parameter Statistics is not supported."
            )
    for statistic in extended:
        if not is_percentile(statistic):
            raise InvalidParameterValueException(
                f"The value {statistic} for parameter ExtendedStatistics is not supported."
            )


def check_queries(queries: list[Response]) -> None:
    if len(queries) > MAX_QUERIES:
        raise ValidationException(
            f"The collection MetricDataQueries must not have a size greater than {MAX_QUERIES}."
        )
    if len({query["Id"] for query in queries}) < len(queries):
        raise ValidationException("The values of Id in MetricDataQueries must be unique.")
    for index, query in enumerate(queries, start=1):
        where = f"MetricDataQueries.member.{index}"
        if ("MetricStat" in query) == ("Expression" in query):
            raise ValidationException(
                f"{where}: either MetricStat or Expression must be given, and not both."
            )
        if "Expression" in query:
            continue
        check_period(f"{where}.MetricStat.Period", query["MetricStat"]["Period"])
        stat = query["MetricStat"]["Stat"]
        if not is_statistic(stat):
            raise InvalidParameterValueException(
                f"The value {stat} for parameter {where}.MetricStat.Stat is not supported."
            )


def page_of_data(
    results: list[tuple[Response, Points]], token: str | None, max_datapoints: int | None
) -> Response:
    """Each query's datapoints from the token's offset on, `limit` of them over all queries."""
    limit = min(max_datapoints or MAX_DATAPOINTS, MAX_DATAPOINTS)
    start = _offset(token)
    each = max(1, limit // max(1, len(results)))
    more = any(len(points) > start + each for _, points in results)
    response: Response = {
        "Messages": [],
        "MetricDataResults": [
            {
                "Id": query["Id"],
                "Label": query.get("Label") or _metric_name(query) or query["Id"],
                "StatusCode": "PartialData" if len(points) > start + each else "Complete",
                "Timestamps": [_time(at) for at, _ in points[start : start + each]],
                "Values": [value for _, value in points[start : start + each]],
            }
            for query, points in results
        ],
    }
    if more:
        response["NextToken"] = str(start + each)
    return response


def _metric_name(query: Response) -> str | None:
    name: str | None = query.get("MetricStat", {}).get("Metric", {}).get("MetricName")
    return name


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdecimal():
        raise InvalidNextToken(f"The token '{token}' is invalid.")
    return int(token)


def datapoint(
    unit: str | None,
    start: int,
    samples: Distribution,
    statistics: list[str],
    extended: list[str],
) -> Response:
    """One of GetMetricStatistics' datapoints; a percentile that is not known is left out."""
    response: Response = {"Timestamp": _time(start), "Unit": unit or "None"}
    response |= {name: statistic_of(samples, name) for name in statistics}
    if extended:
        values = {name: statistic_of(samples, name) for name in extended}
        response["ExtendedStatistics"] = {k: v for k, v in values.items() if v is not None}
    return response


def page_of_metrics(metrics: list[MetricId], token: str | None) -> Response:
    """One of ListMetrics' pages; the token is an offset."""
    start = _offset(token)
    response: Response = {"Metrics": [_listed(m) for m in metrics[start : start + LIST_PAGE]]}
    if start + LIST_PAGE < len(metrics):
        response["NextToken"] = str(start + LIST_PAGE)
    return response


def has_dimensions(metric: MetricId, filters: list[Response]) -> bool:
    """ListMetrics' filters, unlike a query's dimensions, need not name all of them."""
    has = dict(metric.dimensions)
    return all(
        wanted["Name"] in has and wanted.get("Value") in (None, has[wanted["Name"]])
        for wanted in filters
    )


def _listed(metric: MetricId) -> Response:
    return {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
    }


def _time(unix_s: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=unix_s)
