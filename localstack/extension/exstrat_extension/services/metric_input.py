"""PutMetricData's input, checked in AWS's words."""

from dataclasses import dataclass
from math import isfinite
from typing import Any

from localstack.aws.api.cloudwatch import (
    InvalidParameterCombinationException,
    InvalidParameterValueException,
    MissingRequiredParameterException,
)

from exstrat_extension.metrics.distribution import Distribution
from exstrat_extension.metrics.store import MetricId

MAX_VALUES = 150
MAX_DIMENSIONS = 30
LARGEST_VALUE = 2.0**360
MOST_PAST_S = 14 * 24 * 3600
MOST_FUTURE_S = 2 * 3600

Json = dict[str, Any]


@dataclass(frozen=True)
class Datum:
    """One metric's samples at one time, in unix seconds."""

    name: str
    dimensions: list[Json]
    unit: str | None
    timestamp: float
    resolution_s: int
    samples: Distribution


def metric_id(
    account_id: str, region: str, namespace: str, name: str, dimensions: list[Json]
) -> MetricId:
    pairs = sorted((dimension["Name"], dimension["Value"]) for dimension in dimensions)
    return MetricId(account_id, region, namespace, name, tuple(pairs))


def parse_datum(where: str, datum: Json, now: float) -> Datum:
    """Reads one member of MetricData; `where` names it in the errors."""
    dimensions = datum.get("Dimensions") or []
    if len(dimensions) > MAX_DIMENSIONS:
        raise _too_many(f"{where}.Dimensions", MAX_DIMENSIONS)
    resolution_s = datum.get("StorageResolution") or 60
    if resolution_s not in (1, 60):
        raise InvalidParameterValueException(
            f"The parameter {where}.StorageResolution must be 1 or 60; found {resolution_s}."
        )
    return Datum(
        datum["MetricName"],
        dimensions,
        datum.get("Unit"),
        _timestamp(where, datum, now),
        resolution_s,
        _samples(where, datum),
    )


def _samples(where: str, datum: Json) -> Distribution:
    given = [key for key in ("Value", "Values", "StatisticValues") if datum.get(key) is not None]
    if len(given) > 1:
        raise InvalidParameterCombinationException(
            f"The parameters {where}.{given[0]} and {where}.{given[1]} are mutually exclusive and "
            "you have specified both."
        )
    samples = Distribution()
    match given:
        case ["Value"]:
            samples.add(_number(f"{where}.Value", datum["Value"]))
        case ["Values"]:
            _add_values(where, datum["Values"], datum.get("Counts"), samples)
        case ["StatisticValues"]:
            _add_set(f"{where}.StatisticValues", datum["StatisticValues"], samples)
        case _:
            raise MissingRequiredParameterException(
                f"At least one of {where}.Value, {where}.Values and {where}.StatisticValues "
                "is required."
            )
    return samples


def _add_values(
    where: str, values: list[float], counts: list[float] | None, samples: Distribution
) -> None:
    if len(values) > MAX_VALUES:
        raise _too_many(f"{where}.Values", MAX_VALUES)
    counts = counts or [1.0] * len(values)
    if len(counts) != len(values):
        raise InvalidParameterValueException(
            f"The parameters {where}.Values and {where}.Counts must be of the same size."
        )
    for value, times in zip(values, counts, strict=True):
        number = _number(f"{where}.Values", value)
        if _number(f"{where}.Counts", times) > 0:
            samples.add(number, times)


def _add_set(where: str, given: Json, samples: Distribution) -> None:
    keys = ("SampleCount", "Sum", "Minimum", "Maximum")
    count, total, minimum, maximum = (_number(f"{where}.{key}", given[key]) for key in keys)
    if count < 0 or minimum > maximum:
        raise InvalidParameterValueException(
            f"The parameter {where} must have a SampleCount of at least 0 and a Minimum of at most "
            f"its Maximum; found {count}, {minimum} and {maximum}."
        )
    samples.add_set(count, total, minimum, maximum)


def _number(where: str, value: float) -> float:
    if not isfinite(value) or abs(value) > LARGEST_VALUE:
        raise InvalidParameterValueException(f"The value {value} for parameter {where} is invalid.")
    return float(value)


def _timestamp(where: str, datum: Json, now: float) -> float:
    given = datum.get("Timestamp")
    if given is None:
        return now
    timestamp = float(given.timestamp())
    if timestamp > now + MOST_FUTURE_S:
        raise InvalidParameterValueException(
            f"The parameter {where}.Timestamp must specify a time no more than two hours in the "
            "future."
        )
    if timestamp < now - MOST_PAST_S:
        raise InvalidParameterValueException(
            f"The parameter {where}.Timestamp must specify a time within the past two weeks."
        )
    return timestamp


def _too_many(where: str, limit: int) -> InvalidParameterValueException:
    return InvalidParameterValueException(
        f"The collection {where} must not have a size greater than {limit}."
    )
