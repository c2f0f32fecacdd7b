"""CloudWatch's metrics over `metrics.store`; alarms, dashboards and tags stay LocalStack's.

The response follows AWS's rules where a client can see them: exact dimensions, periods aligned to
the epoch, percentiles from raw values, the limits of PutMetricData.
"""

import threading
import time
from datetime import datetime
from typing import Any

from localstack.aws.api import RequestContext, handler
from localstack.aws.api.cloudwatch import InvalidParameterValueException
from localstack.utils.aws.arns import cloudwatch_alarm_arn

from exstrat_extension.metrics.distribution import statistic_of
from exstrat_extension.metrics.store import RETENTION_S, MetricStore
from exstrat_extension.services.alarms import OurAlarmScheduler, alarm_of, scale
from exstrat_extension.services.composite_alarms import CompositeAlarms
from exstrat_extension.services.home import HOME
from exstrat_extension.services.metric_input import metric_id, parse_datum
from exstrat_extension.services.metric_output import (
    Points,
    Response,
    check_period,
    check_queries,
    check_range,
    check_statistics,
    check_times,
    datapoint,
    has_dimensions,
    page_of_data,
    page_of_metrics,
)
from exstrat_extension.services.metric_queries import Queries

MAX_DATA = 1000
RECENTLY_S = 3 * 3600


class CloudWatch(CompositeAlarms):
    def __init__(self) -> None:
        # Not the parent's: it would open the SQLite database that `MetricStore` replaces.
        self.alarm_scheduler: OurAlarmScheduler | None = None
        self.store = None
        self.cloudwatch_database = self
        self._lock = threading.Lock()
        self._metrics = MetricStore()

    def clear_tables(self) -> None:
        """LocalStack's reset of its state."""
        with self._lock:
            self._metrics = MetricStore()

    def on_after_state_reset(self) -> None:
        """The parent's makes a new database, which `clear_tables` has done here."""
        self.start_alarm_scheduler()

    def start_alarm_scheduler(self) -> None:
        """Alarms with percentiles and metric math, see `alarms`."""
        if self.alarm_scheduler is None:
            self.alarm_scheduler = OurAlarmScheduler()

    def get_raw_metrics(self, request: Any) -> Response:
        """LocalStack's debugging route; values are to be had with GetMetricData."""
        return {"metrics": []}

    def put_metric_data(
        self,
        context: RequestContext,
        namespace: str,
        metric_data: list[Response] | None = None,
        entity_metric_data: list[Response] | None = None,
        **_: Any,
    ) -> None:
        data = list(metric_data or [])
        for entity in entity_metric_data or []:
            data += entity.get("MetricData") or []
        if len(data) > MAX_DATA:
            raise InvalidParameterValueException(
                f"The collection MetricData must not have a size greater than {MAX_DATA}."
            )
        now = time.time()
        parsed = [
            parse_datum(f"MetricData.member.{index}", datum, now)
            for index, datum in enumerate(data, start=1)
        ]
        with self._lock:
            for datum in parsed:
                metric = metric_id(
                    context.account_id, context.region, namespace, datum.name, datum.dimensions
                )
                self._metrics.put(
                    metric, datum.unit, datum.timestamp, datum.resolution_s, datum.samples, now
                )

    def get_metric_data(
        self,
        context: RequestContext,
        metric_data_queries: list[Response],
        start_time: datetime,
        end_time: datetime,
        next_token: str | None = None,
        scan_by: str | None = None,
        max_datapoints: int | None = None,
        **_: Any,
    ) -> Response:
        check_times(start_time, end_time)
        check_queries(metric_data_queries)
        queries = Queries(
            metric_data_queries,
            lambda stat: self._query(context, stat, start_time, end_time),
            start_time.timestamp(),
            end_time.timestamp(),
        )
        results = []
        for query in metric_data_queries:
            if query.get("ReturnData", True):
                points = queries.points(query["Id"])
                if scan_by != "TimestampAscending":
                    points.reverse()
                results.append((query, points))
        return page_of_data(results, next_token, max_datapoints)

    def get_metric_statistics(
        self,
        context: RequestContext,
        namespace: str,
        metric_name: str,
        start_time: datetime,
        end_time: datetime,
        period: int,
        dimensions: list[Response] | None = None,
        statistics: list[str] | None = None,
        extended_statistics: list[str] | None = None,
        unit: str | None = None,
        **_: Any,
    ) -> Response:
        check_times(start_time, end_time)
        check_statistics(statistics or [], extended_statistics or [])
        check_period("Period", period)
        check_range(start_time, end_time, period)
        metric = metric_id(
            context.account_id, context.region, namespace, metric_name, dimensions or []
        )
        window = start_time.timestamp(), end_time.timestamp()
        with self._lock:
            found = [
                (each, start, samples)
                for each in ([unit] if unit else self._metrics.units(metric))
                for start, samples in self._metrics.datapoints(metric, each, *window, period)
            ]
        names = statistics or [], extended_statistics or []
        return {"Label": metric_name, "Datapoints": [datapoint(*each, *names) for each in found]}

    def set_alarm_state(
        self,
        context: RequestContext,
        alarm_name: str,
        state_value: str,
        state_reason: str,
        state_reason_data: str | None = None,
        **_: Any,
    ) -> None:
        """LocalStack's, which knows of no scaling policies."""
        arn = cloudwatch_alarm_arn(alarm_name, context.account_id, context.region)
        before = alarm_of(arn)
        super().set_alarm_state(context, alarm_name, state_value, state_reason, state_reason_data)
        if state_value == "ALARM" and before and before["StateValue"] != "ALARM":
            scale(before)
        HOME.look()

    @handler("PutMetricAlarm", expand=False)
    def put_metric_alarm(self, context: RequestContext, request: Response) -> None:
        super().put_metric_alarm(context, request)
        self._tag_alarm(context, request)

    @handler("PutCompositeAlarm", expand=False)
    def put_composite_alarm(self, context: RequestContext, request: Response) -> None:
        super().put_composite_alarm(context, request)
        self._tag_alarm(context, request)
        HOME.look()

    def _tag_alarm(self, context: RequestContext, request: Response) -> None:
        """LocalStack takes an alarm's tags and tells none."""
        if tags := request.get("Tags"):
            arn = cloudwatch_alarm_arn(request["AlarmName"], context.account_id, context.region)
            self.get_store(context.account_id, context.region).TAGS.tag_resource(arn, tags)

    def list_metrics(
        self,
        context: RequestContext,
        namespace: str | None = None,
        metric_name: str | None = None,
        dimensions: list[Response] | None = None,
        next_token: str | None = None,
        recently_active: str | None = None,
        **_: Any,
    ) -> Response:
        since = time.time() - (RECENTLY_S if recently_active else RETENTION_S)
        with self._lock:
            found = [
                metric
                for metric in self._metrics.listed(since)
                if (metric.account_id, metric.region) == (context.account_id, context.region)
                and namespace in (None, metric.namespace)
                and metric_name in (None, metric.name)
                and has_dimensions(metric, dimensions or [])
            ]
        return page_of_metrics(found, next_token)

    def _query(
        self, context: RequestContext, stat: Response, start: datetime, end: datetime
    ) -> Points:
        asked = stat["Metric"]
        metric = metric_id(
            context.account_id,
            context.region,
            asked.get("Namespace", ""),
            asked.get("MetricName", ""),
            asked.get("Dimensions") or [],
        )
        with self._lock:
            periods = self._metrics.datapoints(
                metric, stat.get("Unit"), start.timestamp(), end.timestamp(), stat["Period"]
            )
        values = ((at, statistic_of(samples, stat["Stat"])) for at, samples in periods)
        return [(at, value) for at, value in values if value is not None]
