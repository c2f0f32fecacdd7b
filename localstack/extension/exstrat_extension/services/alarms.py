"""Alarms over our metrics: LocalStack's scheduler, with percentiles, metric math and whole periods.

Left alone it knows simple statistics only, looks at periods that have not ended, and evaluates once
in as many periods as the alarm looks back.
"""

import logging
import time
from datetime import UTC, datetime
from typing import Any

from localstack.services.cloudwatch import alarm_scheduler
from localstack.services.cloudwatch.alarm_scheduler import AlarmScheduler

from exstrat_extension.services.scaling_policies import invoke, is_scaling_policy

LOG = logging.getLogger(__name__)

MINUTE_S = 60

Alarm = dict[str, Any]

_described = alarm_scheduler.get_metric_alarm_details_for_alarm_arn


class OurAlarmScheduler(AlarmScheduler):  # type: ignore[misc]
    """Evaluates an alarm at once, then every minute or every period, whichever is shorter."""

    def __init__(self) -> None:
        alarm_scheduler.collect_metric_data = datapoints
        alarm_scheduler.get_metric_alarm_details_for_alarm_arn = alarm_of
        super().__init__()

    def schedule_metric_alarm(self, alarm_arn: str) -> None:
        """Starts evaluating an alarm, or starts anew with what it is now."""
        alarm = alarm_of(alarm_arn)
        self.delete_scheduler_for_alarm(alarm_arn)
        if alarm is None or not _can_be_evaluated(alarm):
            LOG.warning("%s is kept, but will not be evaluated", alarm_arn)
            return
        self.scheduled_alarms[alarm_arn] = self.scheduler.schedule(
            evaluate,
            period=min(alarm["Period"], MINUTE_S),
            args=[alarm_arn],
            on_error=lambda error: LOG.error("evaluating %s: %s", alarm_arn, error),
        )


def evaluate(alarm_arn: str) -> None:
    """As AWS does, a scaling policy is invoked again in each evaluation that finds the alarm on."""
    before = alarm_of(alarm_arn)
    alarm_scheduler.calculate_alarm_state(alarm_arn)
    after = alarm_of(alarm_arn)
    if before and after and before["StateValue"] == after["StateValue"] == "ALARM":
        scale(after)


def scale(alarm: Alarm) -> None:
    """Invokes the scaling policies among an alarm's actions."""
    policies = [action for action in alarm.get("AlarmActions", []) if is_scaling_policy(action)]
    if not policies or not alarm["ActionsEnabled"]:
        return
    client = alarm_scheduler.get_cloudwatch_client_for_region_of_alarm(alarm["AlarmArn"])
    found = [value for value in datapoints(alarm, client) if value is not None]
    breach = found[-1] - alarm["Threshold"] if found else 0.0
    for policy in policies:
        invoke(policy, alarm["AlarmName"], breach)


def alarm_of(alarm_arn: str) -> Alarm | None:
    """The alarm as described; one on metric math has its metrics' period."""
    alarm: Alarm | None = _described(alarm_arn)
    if alarm and alarm.get("Metrics"):
        stats = [query["MetricStat"] for query in alarm["Metrics"] if "MetricStat" in query]
        alarm["Period"] = max((stat["Period"] for stat in stats), default=MINUTE_S)
    return alarm


def _can_be_evaluated(alarm: Alarm) -> bool:
    """Alarms on anomalies cannot."""
    statistic = alarm.get("Statistic") or alarm.get("ExtendedStatistic")
    return (
        "Threshold" in alarm
        and bool(alarm.get("Metrics") or (alarm.get("MetricName") and statistic))
        and alarm["ComparisonOperator"] in alarm_scheduler.COMPARISON_OPS
    )


def datapoints(alarm: Alarm, client: Any) -> list[float | None]:
    """The last evaluation periods that have ended, oldest first; None where there is no data."""
    period_s = alarm["Period"]
    end = int(time.time() // period_s) * period_s
    starts = range(end - alarm["EvaluationPeriods"] * period_s, end, period_s)
    (result,) = client.get_metric_data(
        MetricDataQueries=alarm.get("Metrics") or [_query(alarm)],
        StartTime=datetime.fromtimestamp(starts[0], UTC),
        EndTime=datetime.fromtimestamp(end, UTC),
    )["MetricDataResults"]
    found = {
        int(at.timestamp()): value
        for at, value in zip(result["Timestamps"], result["Values"], strict=True)
    }
    return [found.get(start) for start in starts]


def _query(alarm: Alarm) -> Alarm:
    metric = {
        key: alarm[key] for key in ("Namespace", "MetricName", "Dimensions") if alarm.get(key)
    }
    stat = {
        "Metric": metric,
        "Period": alarm["Period"],
        "Stat": alarm.get("Statistic") or alarm["ExtendedStatistic"],
    }
    if alarm.get("Unit"):
        stat["Unit"] = alarm["Unit"]
    return {"Id": "alarm", "MetricStat": stat}
