"""Alarms over our metrics: LocalStack's scheduler, with percentiles and with whole periods.

Left alone it knows simple statistics only, looks at periods that have not ended, and evaluates once
in as many periods as the alarm looks back.
"""

import logging
import time
from datetime import UTC, datetime
from typing import Any

from localstack.services.cloudwatch import alarm_scheduler
from localstack.services.cloudwatch.alarm_scheduler import AlarmScheduler

LOG = logging.getLogger(__name__)

MINUTE_S = 60

Alarm = dict[str, Any]


class PercentileAlarmScheduler(AlarmScheduler):  # type: ignore[misc]
    """Evaluates an alarm at once, then every minute or every period, whichever is shorter."""

    def __init__(self) -> None:
        alarm_scheduler.collect_metric_data = datapoints
        super().__init__()

    def schedule_metric_alarm(self, alarm_arn: str) -> None:
        """Starts evaluating an alarm, or starts anew with what it is now."""
        alarm = alarm_scheduler.get_metric_alarm_details_for_alarm_arn(alarm_arn)
        self.delete_scheduler_for_alarm(alarm_arn)
        if alarm is None or not _can_be_evaluated(alarm):
            LOG.warning("%s is kept, but will not be evaluated", alarm_arn)
            return
        self.scheduled_alarms[alarm_arn] = self.scheduler.schedule(
            alarm_scheduler.calculate_alarm_state,
            period=min(alarm["Period"], MINUTE_S),
            args=[alarm_arn],
            on_error=lambda error: LOG.error("evaluating %s: %s", alarm_arn, error),
        )


def _can_be_evaluated(alarm: Alarm) -> bool:
    """Alarms on metric math and on anomalies cannot."""
    return (
        all(key in alarm for key in ("MetricName", "Period", "Threshold"))
        and bool(alarm.get("Statistic") or alarm.get("ExtendedStatistic"))
        and alarm["ComparisonOperator"] in alarm_scheduler.COMPARISON_OPS
    )


def datapoints(alarm: Alarm, client: Any) -> list[float | None]:
    """The last evaluation periods that have ended, oldest first; None where there is no data."""
    period_s = alarm["Period"]
    end = int(time.time() // period_s) * period_s
    starts = range(end - alarm["EvaluationPeriods"] * period_s, end, period_s)
    metric = {
        key: alarm[key] for key in ("Namespace", "MetricName", "Dimensions") if alarm.get(key)
    }
    stat = {
        "Metric": metric,
        "Period": period_s,
        "Stat": alarm.get("Statistic") or alarm["ExtendedStatistic"],
    }
    if alarm.get("Unit"):
        stat["Unit"] = alarm["Unit"]
    (result,) = client.get_metric_data(
        MetricDataQueries=[{"Id": "alarm", "MetricStat": stat}],
        StartTime=datetime.fromtimestamp(starts[0], UTC),
        EndTime=datetime.fromtimestamp(end, UTC),
    )["MetricDataResults"]
    found = {
        int(at.timestamp()): value
        for at, value in zip(result["Timestamps"], result["Values"], strict=True)
    }
    return [found.get(start) for start in starts]
