"""Samples of one metric in one stretch of time, and the statistics over them."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from math import ceil, floor, inf

SIMPLE_STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_PERCENTILE = re.compile(r"p(\d{1,3}(?:\.\d{1,10})?)")


@dataclass
class Distribution:
    """Counted values, and what is known of all samples together.

    `complete` is False once a statistic set was added: its single values are not known, and so no
    percentile is, as on AWS.
    """

    count: float = 0.0
    total: float = 0.0
    minimum: float = inf
    maximum: float = -inf
    values: array[float] = field(default_factory=lambda: array("d"))
    counts: array[float] = field(default_factory=lambda: array("d"))
    complete: bool = True

    def add(self, value: float, times: float = 1.0) -> None:
        """Adds a value that was seen `times` times."""
        self._summarise(times, value * times, value, value)
        self.values.append(value)
        self.counts.append(times)

    def add_set(self, count: float, total: float, minimum: float, maximum: float) -> None:
        """Adds a statistic set. One whose samples must all be equal is as good as its samples."""
        if count <= 0:
            return
        if minimum == maximum and total == minimum * count:
            self.add(minimum, count)
        else:
            self._summarise(count, total, minimum, maximum)
            self.complete = False

    def merge(self, other: Distribution) -> None:
        self._summarise(other.count, other.total, other.minimum, other.maximum)
        self.values.extend(other.values)
        self.counts.extend(other.counts)
        self.complete = self.complete and other.complete

    def coarsened(self) -> Distribution:
        """The same with values rounded to three significant digits and equal ones joined.

        Counts, sum and extremes stay exact; a percentile is off by half a percent at most.
        """
        joined: dict[float, float] = {}
        for value, times in zip(self.values, self.counts, strict=True):
            rounded = float(f"{value:.2e}")
            joined[rounded] = joined.get(rounded, 0.0) + times
        return Distribution(
            self.count,
            self.total,
            self.minimum,
            self.maximum,
            array("d", joined.keys()),
            array("d", joined.values()),
            self.complete,
        )

    def _summarise(self, count: float, total: float, minimum: float, maximum: float) -> None:
        self.count += count
        self.total += total
        self.minimum = min(self.minimum, minimum)
        self.maximum = max(self.maximum, maximum)


def is_percentile(statistic: str) -> bool:
    """`p0` to `p100`, with up to ten decimals."""
    match = _PERCENTILE.fullmatch(statistic)
    return match is not None and float(match[1]) <= 100.0


def is_statistic(statistic: str) -> bool:
    return statistic in SIMPLE_STATISTICS or is_percentile(statistic)


def statistic_of(distribution: Distribution, statistic: str) -> float | None:
    """The value of an `is_statistic`; None where it is not known."""
    if distribution.count <= 0:
        return None
    match statistic:
        case "SampleCount":
            return distribution.count
        case "Sum":
            return distribution.total
        case "Average":
            return distribution.total / distribution.count
        case "Minimum":
            return distribution.minimum
        case "Maximum":
            return distribution.maximum
    return percentile(distribution, float(statistic[1:])) if distribution.complete else None


def percentile(distribution: Distribution, percent: float) -> float:
    """The percentile by linear interpolation between closest ranks (`C = 1`: rank p * (n - 1)).

    The 95th percentile of 1, 2 .. 100 is 95.05.
    """
    pairs = sorted(zip(distribution.values, distribution.counts, strict=True))
    rank = percent / 100.0 * max(distribution.count - 1.0, 0.0)
    below, above = floor(rank), ceil(rank)
    low: float | None = None
    cumulated = 0.0
    for value, times in pairs:
        cumulated += times
        if low is None and cumulated > below:
            low = value
        if low is not None and cumulated > above:
            return low + (value - low) * (rank - below)
    return pairs[-1][0]
