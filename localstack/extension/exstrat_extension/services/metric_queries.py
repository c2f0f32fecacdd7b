"""GetMetricData's queries, answered: metrics from the store, expressions from what they name."""

from collections.abc import Callable
from typing import Any

from localstack.services.cloudwatch.provider_v2 import ValidationException

from exstrat_extension.metrics.expression import NotMath, names, parse
from exstrat_extension.metrics.math import evaluate
from exstrat_extension.services.metric_output import Points

Query = dict[str, Any]


class Queries:
    """`read` gives the points of a query on a metric; `start` and `end` are unix seconds."""

    def __init__(
        self, queries: list[Query], read: Callable[[Query], Points], start: float, end: float
    ) -> None:
        self._by_id = {query["Id"]: query for query in queries}
        self._read = read
        self._start, self._end = start, end
        self._being_answered: list[str] = []

    def points(self, id_: str) -> Points:
        """In AWS's words, a `ValidationException` of an expression that is none or names itself."""
        query = self._by_id[id_]
        if "MetricStat" in query:
            return self._read(query["MetricStat"])
        if id_ in self._being_answered:
            raise ValidationException(f"Error in expression '{id_}': it refers to itself.")
        self._being_answered.append(id_)
        try:
            return self._calculated(query)
        except NotMath as error:
            raise ValidationException(f"Error in expression '{id_}': {error}.") from error
        finally:
            self._being_answered.pop()

    def _calculated(self, query: Query) -> Points:
        used = names(parse(query["Expression"]))
        if unknown := used - self._by_id.keys():
            raise NotMath(f"there is no query with the id {min(unknown)!r}")
        series = {id_: dict(self.points(id_)) for id_ in used}
        period_s = self._period_s(query)
        starts = range(int(self._start // period_s) * period_s, int(self._end), period_s)
        return sorted(evaluate(query["Expression"], series, starts).items())

    def _period_s(self, query: Query) -> int:
        """That of the metrics, which must agree; the query's own where it uses none."""
        periods = self._periods(query)
        if len(periods) != 1:
            found = ", ".join(str(period) for period in sorted(periods)) or "none"
            raise NotMath(f"its metrics must have one period; found {found}")
        return periods.pop()

    def _periods(self, query: Query) -> set[int]:
        if "MetricStat" in query:
            return {query["MetricStat"]["Period"]}
        used = names(parse(query["Expression"]))
        periods = {period for id_ in used for period in self._periods(self._by_id[id_])}
        own = query.get("Period")
        return periods or ({own} if own else set())
