"""Metrics in memory, with the resolutions and the retention of a local cloud.

Like AWS's: a metric is stored by the second if it was published with a storage resolution of 1 s
and by the minute otherwise; after three hours only minutes are left. Unlike AWS's: after a day it
is gone, and minutes older than three hours hold values of three significant digits. That and a
bound on all values held (the oldest go first) keep days of running in bounded memory.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field

from exstrat_extension.metrics.distribution import Distribution

MINUTE_S = 60
BY_SECOND_RETENTION_S = 3 * 3600
RETENTION_S = 24 * 3600
MAX_VALUES = 8_000_000
"""Values held over all metrics, 16 bytes each."""


@dataclass(frozen=True)
class MetricId:
    """A metric's identity. All dimensions count: a query for some of them is for another metric."""

    account_id: str
    region: str
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    """Name and value, sorted by name."""


@dataclass
class Series:
    """One metric in one unit: distributions by the second at which they start, in unix seconds."""

    starts: list[int] = field(default_factory=list)
    slots: dict[int, Distribution] = field(default_factory=dict)
    aged_until: int = 0

    def slot(self, start: int) -> Distribution:
        if start not in self.slots:
            insort(self.starts, start)
            self.slots[start] = Distribution()
        return self.slots[start]

    def between(self, start: int, end: float) -> Iterator[tuple[int, Distribution]]:
        for index in range(bisect_left(self.starts, start), len(self.starts)):
            if self.starts[index] >= end:
                return
            yield self.starts[index], self.slots[self.starts[index]]

    def pop_before(self, end: int) -> list[tuple[int, Distribution]]:
        index = bisect_left(self.starts, end)
        popped = [(start, self.slots.pop(start)) for start in self.starts[:index]]
        del self.starts[:index]
        return popped

    def age(self, now: float) -> None:
        """Forgets what is too old and folds old seconds into minutes; once a minute at most."""
        fold_before = int(now - BY_SECOND_RETENTION_S) // MINUTE_S * MINUTE_S
        if fold_before <= self.aged_until:
            return
        self.pop_before(int(now - RETENTION_S))
        old = self.starts[: bisect_left(self.starts, fold_before)]
        for start in old:
            if start >= self.aged_until or start % MINUTE_S:
                self._fold(start)
        self.starts = sorted(self.slots)
        self.aged_until = fold_before

    def _fold(self, start: int) -> None:
        old = self.slots.pop(start)
        minute = start // MINUTE_S * MINUTE_S
        merged = self.slots.setdefault(minute, Distribution())
        merged.merge(old)
        self.slots[minute] = merged.coarsened()

    @property
    def values_held(self) -> int:
        return sum(len(slot.values) for slot in self.slots.values())


@dataclass
class MetricStore:
    """All metrics. Not thread-safe: its owner holds a lock."""

    metrics: dict[MetricId, dict[str | None, Series]] = field(default_factory=dict)
    """Metric -> unit -> series."""
    values_held: int = 0
    """An upper bound, made exact when it reaches `MAX_VALUES`."""

    def put(
        self,
        metric: MetricId,
        unit: str | None,
        timestamp: float,
        resolution_s: int,
        samples: Distribution,
        now: float,
    ) -> None:
        """Adds samples taken at `timestamp`, stored with a resolution of 1 s or 60 s."""
        series = self.metrics.setdefault(metric, {}).setdefault(unit, Series())
        series.slot(int(timestamp // resolution_s) * resolution_s).merge(samples)
        series.age(now)
        self.values_held += len(samples.values)
        if self.values_held > MAX_VALUES:
            self._drop_oldest()

    def units(self, metric: MetricId) -> list[str | None]:
        return list(self.metrics.get(metric, {}))

    def datapoints(
        self,
        metric: MetricId,
        unit: str | None,
        start: float,
        end: float,
        period_s: int,
    ) -> list[tuple[int, Distribution]]:
        """Periods that have samples in `[start, end)`, ascending, each by the second it starts at.

        Periods are aligned to the epoch and `start` is rounded down to one. Without a unit the
        samples of all units count.
        """
        first = int(start // period_s) * period_s
        periods: dict[int, Distribution] = {}
        for stored_unit, series in self.metrics.get(metric, {}).items():
            if unit is None or unit == stored_unit:
                for slot_start, samples in series.between(first, end):
                    period = slot_start // period_s * period_s
                    periods.setdefault(period, Distribution()).merge(samples)
        return sorted(periods.items(), key=lambda item: item[0])

    def listed(self, since: float) -> Iterator[MetricId]:
        """The metrics that have samples after `since`."""
        for metric, by_unit in self.metrics.items():
            if any(series.starts and series.starts[-1] >= since for series in by_unit.values()):
                yield metric

    def _drop_oldest(self) -> None:
        every = [series for by_unit in self.metrics.values() for series in by_unit.values()]
        self.values_held = sum(series.values_held for series in every)
        while self.values_held > MAX_VALUES:
            oldest = min(series.starts[0] for series in every if series.starts)
            for series in every:
                for _, samples in series.pop_before(oldest + MINUTE_S):
                    self.values_held -= len(samples.values)
