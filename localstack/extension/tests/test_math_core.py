"""Metric math, with the expressions of infra's alarms among them."""

import pytest

from exstrat_extension.metrics.expression import NotMath
from exstrat_extension.metrics.math import Series, evaluate

STARTS = (0, 60, 120)


def value(expression: str, **series: Series) -> Series:
    return evaluate(expression, series, STARTS)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("8 - 4 - 2", 2.0),
        ("-2 + 1.5e1", 13.0),
        ("1 < 2 AND 2 < 1 || 3 == 3", 1.0),
    ],
)
def test_precedence(expression: str, expected: float) -> None:
    assert value(expression) == dict.fromkeys(STARTS, expected)


def test_two_series_have_the_periods_that_both_have() -> None:
    assert value("a / b", a={0: 6.0, 60: 6.0, 120: 1.0}, b={0: 3.0, 120: 0.0}) == {0: 2.0}


def test_a_list_takes_what_there_is() -> None:
    assert value("SUM([a, b])", a={0: 1.0}, b={0: 2.0, 60: 5.0}) == {0: 3.0, 60: 5.0}
    assert value("MAX([a, TIME_SERIES(0)])", a={60: 2.0}) == {0: 0.0, 60: 2.0, 120: 0.0}


def test_a_function_over_one_series_is_a_number() -> None:
    assert value("a > AVG(a)", a={0: 1.0, 60: 3.0}) == {0: 0.0, 60: 1.0}


def test_an_empty_series_cannot_be_filled() -> None:
    assert value("FILL(a, 0)", a={}) == {}
    assert value("FILL(a, 0)", a={60: 1.0}) == {0: 0.0, 60: 1.0, 120: 0.0}


SAFETY_NET = "IF(p95 > 3 AND MAX([heartbeat, TIME_SERIES(0)]) < 1, 1, 0)"


def test_the_safety_net_needs_slow_users_and_no_heartbeat() -> None:
    p95 = {0: 4.0, 60: 4.0}
    assert value(SAFETY_NET, p95=p95, heartbeat={}) == {0: 1.0, 60: 1.0}
    assert value(SAFETY_NET, p95=p95, heartbeat={60: 3.0}) == {0: 1.0, 60: 0.0}
    assert value(SAFETY_NET, p95={0: 2.0}, heartbeat={}) == {0: 0.0}
    assert value(SAFETY_NET, p95={}, heartbeat={}) == {}


@pytest.mark.parametrize(
    "expression",
    ["", "1 +", "a b", "MAX(1", "NOPE(a)", "a % 2", "SEARCH('x')", "missing", "[a, a]"],
)
def test_what_is_not_math_is_refused(expression: str) -> None:
    with pytest.raises(NotMath):
        value(expression, a={0: 1.0})
