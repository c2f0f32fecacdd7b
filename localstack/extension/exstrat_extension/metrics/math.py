"""Metric math's values: numbers, series, and lists of series.

A series is by the second at which each period starts.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from statistics import fmean

from exstrat_extension.metrics.expression import (
    Function,
    List,
    Metric,
    Node,
    NotMath,
    Number,
    Operation,
    parse,
)

Series = dict[int, float]
Value = float | Series | list[Series]

_OPERATORS: dict[str, Callable[[float, float], float | bool]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "AND": lambda left, right: bool(left) and bool(right),
    "OR": lambda left, right: bool(left) or bool(right),
}
_OVER: dict[str, Callable[[Iterable[float]], float]] = {
    "AVG": fmean,
    "MAX": max,
    "MIN": min,
    "SUM": sum,
}


def evaluate(expression: str, series: Mapping[str, Series], starts: Iterable[int]) -> Series:
    """The expression's series over the periods that begin at `starts`.

    Of two series only the periods count that both have; a function over a list takes, in each
    period, the series that have it. What is divided by zero has no datapoint.
    """
    periods = list(starts)
    value = _Evaluation(series, periods).of(parse(expression))
    if isinstance(value, list):
        raise NotMath(f"{expression!r} is a list of series, not one")
    return value if isinstance(value, dict) else dict.fromkeys(periods, value)


class _Evaluation:
    def __init__(self, series: Mapping[str, Series], periods: list[int]) -> None:
        self._series = series
        self._periods = periods

    def of(self, node: Node) -> Value:
        match node:
            case Number(value):
                return value
            case Metric(id_):
                if id_ not in self._series:
                    raise NotMath(f"there is no query with the id {id_!r}")
                return self._series[id_]
            case List(items):
                return [self._spread(self.of(item)) for item in items]
            case Operation(sign, left, right):
                return _pairwise(sign, self.of(left), self.of(right))
            case Function(name, arguments):
                return self._function(name, [self.of(argument) for argument in arguments])

    def _function(self, name: str, arguments: list[Value]) -> Value:
        match name, arguments:
            case "TIME_SERIES", [float(number)]:
                return dict.fromkeys(self._periods, number)
            case "FILL", [dict(series), float(number)]:
                # As on AWS: an empty series has nothing to be filled from.
                return {at: series.get(at, number) for at in self._periods} if series else {}
            case "IF", [condition, then, otherwise]:
                return self._choose(condition, then, otherwise)
            case (("AVG" | "MAX" | "MIN" | "SUM"), [list(several)]):
                return _across(_OVER[name], several)
            case (("AVG" | "MAX" | "MIN" | "SUM"), [dict(series)]):
                return _OVER[name](series.values()) if series else {}
        raise NotMath(f"{name} with such arguments is not known here")

    def _choose(self, condition: Value, then: Value, otherwise: Value) -> Value:
        by_period, yes, no = (self._spread(value) for value in (condition, then, otherwise))
        chosen = {at: (yes if holds else no).get(at) for at, holds in by_period.items()}
        return {at: value for at, value in chosen.items() if value is not None}

    def _spread(self, value: Value) -> Series:
        if isinstance(value, list):
            raise NotMath("a list of series stands where one is needed")
        return value if isinstance(value, dict) else dict.fromkeys(self._periods, value)


def _pairwise(sign: str, left: Value, right: Value) -> Value:
    if isinstance(left, list) or isinstance(right, list):
        raise NotMath(f"{sign} takes no lists here")
    if isinstance(left, dict) or isinstance(right, dict):
        starts = left.keys() if isinstance(left, dict) else right.keys()  # type: ignore[union-attr]
        pairs = ((at, _at(left, at), _at(right, at)) for at in starts)
        results = (
            (at, _apply(sign, a, b)) for at, a, b in pairs if a is not None and b is not None
        )
        return {at: value for at, value in results if value is not None}
    result = _apply(sign, left, right)
    return {} if result is None else result


def _at(value: float | Series, start: int) -> float | None:
    return value.get(start) if isinstance(value, dict) else value


def _apply(sign: str, left: float, right: float) -> float | None:
    if sign == "/" and right == 0.0:
        return None
    return float(_OPERATORS[sign](left, right))


def _across(function: Callable[[Iterable[float]], float], several: list[Series]) -> Series:
    starts = sorted({at for series in several for at in series})
    return {at: function([s[at] for s in several if at in s]) for at in starts}
