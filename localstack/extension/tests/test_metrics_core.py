"""Statistics, resolutions and retention, on virtual time."""

import random
import statistics

import pytest

from exstrat_extension.metrics import store as stores
from exstrat_extension.metrics.distribution import (
    Distribution,
    is_statistic,
    percentile,
    statistic_of,
)
from exstrat_extension.metrics.store import MetricId, MetricStore

METRIC = MetricId("000000000000", "eu-west-3", "ns", "latency", ())
START = 1_795_400_040
"""The start of a minute."""


def distribution(*values: float) -> Distribution:
    made = Distribution()
    for value in values:
        made.add(value)
    return made


def put(store: MetricStore, at: float, *values: float, resolution_s: int = 1) -> None:
    store.put(METRIC, None, at, resolution_s, distribution(*values), at)


@pytest.mark.parametrize(
    ("percent", "expected"), [(0, 1), (50, 50.5), (95, 95.05), (99.9, 99.901), (100, 100)]
)
def test_percentiles_of_one_to_a_hundred(percent: float, expected: float) -> None:
    shuffled = [float(v) for v in range(1, 101)]
    random.Random(7).shuffle(shuffled)
    assert percentile(distribution(*shuffled), percent) == pytest.approx(expected)


def test_percentiles_agree_with_the_standard_library() -> None:
    drawn = [random.Random(3).lognormvariate(0, 1) for _ in range(500)]
    cuts = statistics.quantiles(drawn, n=100, method="inclusive")
    ours = [percentile(distribution(*drawn), p) for p in range(1, 100)]
    assert ours == pytest.approx(cuts)


def test_counts_weigh_as_repetition_does() -> None:
    counted, repeated = Distribution(), distribution(*[1.0] * 3, *[2.0] * 5, 9.0)
    for value, times in ((9.0, 1), (1.0, 3), (2.0, 5)):
        counted.add(value, times)
    for statistic in ("p10", "p50", "p90", "p95", "Sum", "Average", "SampleCount"):
        assert statistic_of(counted, statistic) == pytest.approx(statistic_of(repeated, statistic))


def test_one_sample_is_every_percentile() -> None:
    assert [percentile(distribution(4.0), p) for p in (0, 37.5, 100)] == [4.0, 4.0, 4.0]


def test_a_statistic_set_of_equal_samples_has_percentiles() -> None:
    equal, unknown = Distribution(), Distribution()
    equal.add_set(4, 8.0, 2.0, 2.0)
    unknown.add_set(4, 10.0, 1.0, 4.0)
    assert statistic_of(equal, "p95") == 2.0
    assert statistic_of(unknown, "p95") is None
    assert statistic_of(unknown, "Average") == 2.5


def test_one_statistic_set_hides_the_percentiles_of_its_period() -> None:
    mixed, unknown = distribution(1.0, 2.0), Distribution()
    unknown.add_set(2, 7.0, 3.0, 4.0)
    mixed.merge(unknown)
    names = ("p50", "Minimum", "Maximum", "SampleCount", "Sum")
    assert [statistic_of(mixed, name) for name in names] == [None, 1.0, 4.0, 4.0, 10.0]


def test_nothing_is_nothing() -> None:
    empty = Distribution()
    empty.add_set(0, 0.0, 0.0, 0.0)
    assert [statistic_of(empty, name) for name in ("Minimum", "Sum", "p50")] == [None] * 3


def test_coarsening_joins_equal_values() -> None:
    coarse = distribution(1.0001, 1.0002, 1.0003, 5.0).coarsened()
    assert (list(coarse.values), list(coarse.counts)) == ([1.0, 5.0], [3.0, 1.0])


def test_coarsening_keeps_what_is_exact_and_bounds_the_error() -> None:
    drawn = [random.Random(5).uniform(0.001, 10) for _ in range(5000)]
    exact = distribution(*drawn)
    coarse = exact.coarsened()
    for statistic in ("SampleCount", "Sum", "Minimum", "Maximum"):
        assert statistic_of(coarse, statistic) == statistic_of(exact, statistic)
    assert percentile(coarse, 95) == pytest.approx(percentile(exact, 95), rel=0.005)
    assert len(coarse.values) < len(exact.values)


@pytest.mark.parametrize("statistic", ["p95", "p0", "p100", "p99.9", "Sum", "SampleCount"])
def test_known_statistics(statistic: str) -> None:
    assert is_statistic(statistic)


@pytest.mark.parametrize("statistic", ["p101", "p", "95", "P95", "p-1", "tm90", "sum", "p1000"])
def test_unknown_statistics(statistic: str) -> None:
    assert not is_statistic(statistic)


def test_periods_are_aligned_to_the_epoch() -> None:
    store = MetricStore()
    for second in (0, 9, 10, 59, 60):
        put(store, START + second + 0.4, 1.0)
    found = store.datapoints(METRIC, None, START + 3, START + 61, 10)
    assert [(at - START, d.count) for at, d in found] == [(0, 2), (10, 1), (50, 1), (60, 1)]


def test_the_end_is_exclusive() -> None:
    store = MetricStore()
    put(store, START + 60, 1.0)
    assert store.datapoints(METRIC, None, START, START + 60, 60) == []


def test_standard_resolution_forgets_the_second() -> None:
    store = MetricStore()
    put(store, START + 42, 1.0, resolution_s=60)
    assert [at for at, _ in store.datapoints(METRIC, None, START, START + 60, 1)] == [START]


def test_late_samples_find_their_period() -> None:
    store = MetricStore()
    put(store, START + 100, 1.0)
    put(store, START + 5, 2.0)
    found = store.datapoints(METRIC, None, START, START + 120, 60)
    assert [(at - START, d.total) for at, d in found] == [(0, 2.0), (60, 1.0)]


def test_units_are_kept_apart_and_added_up() -> None:
    store = MetricStore()
    for unit, value in (("Seconds", 1.0), ("Milliseconds", 1000.0)):
        store.put(METRIC, unit, START, 60, distribution(value), START)
    assert store.units(METRIC) == ["Seconds", "Milliseconds"]
    (_, seconds), *_ = store.datapoints(METRIC, "Seconds", START, START + 60, 60)
    (_, every), *_ = store.datapoints(METRIC, None, START, START + 60, 60)
    assert (seconds.total, every.total) == (1.0, 1001.0)


def test_after_three_hours_only_minutes_are_left() -> None:
    store = MetricStore()
    for second in range(120):
        put(store, START + second, float(second))
    put(store, START + stores.BY_SECOND_RETENTION_S + 120, 1.0)
    found = store.datapoints(METRIC, None, START, START + 120, 1)
    assert [(at - START, d.count, d.total) for at, d in found] == [
        (0, 60, sum(range(60))),
        (60, 60, sum(range(60, 120))),
    ]


def test_after_a_day_nothing_is_left() -> None:
    store = MetricStore()
    put(store, START, 1.0)
    put(store, START + stores.RETENTION_S + 60, 1.0)
    assert store.datapoints(METRIC, None, START, START + 60, 60) == []


def test_listed_are_the_recent() -> None:
    store = MetricStore()
    put(store, START, 1.0)
    assert list(store.listed(START)) == [METRIC]
    assert list(store.listed(START + 1)) == []


def test_the_oldest_go_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "MAX_VALUES", 10)
    store = MetricStore()
    for minute in range(6):
        put(store, START + 60 * minute, 1.0, 2.0, 3.0)
    kept = store.datapoints(METRIC, None, START, START + 600, 60)
    assert store.values_held <= 10
    assert [(at - START) // 60 for at, _ in kept] == [3, 4, 5]
