"""Composite alarms by their rules; LocalStack takes every rule for an OR of ARNs.

One is evaluated when it is put and when an alarm that it looks at changes, and so are those that
look at it. As on AWS the alarms of a rule must exist, and stay while a rule names them.
"""

from datetime import UTC, datetime
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext, handler
from localstack.services.cloudwatch.models import LocalStackCompositeAlarm
from localstack.services.cloudwatch.provider_v2 import _STORE_LOCK, CloudwatchProvider
from localstack.utils.aws.arns import cloudwatch_alarm_arn
from localstack.utils.time import timestamp_millis

from exstrat_extension.alarms.rule import NotARule, Rule, children, holds, parse

Json = dict[str, Any]
STATE = ("StateValue", "StateReason", "StateUpdatedTimestamp", "StateTransitionedTimestamp")
"""What an update of an alarm leaves as it is."""


class CompositeAlarms(CloudwatchProvider):  # type: ignore[misc]
    """A part of CloudWatch."""

    @handler("PutMetricAlarm", expand=False)
    def put_metric_alarm(self, context: RequestContext, request: Json) -> None:
        """LocalStack starts an updated alarm anew, which a rule would take for a change."""
        arn = _arn(context, request["AlarmName"])
        with _STORE_LOCK:
            before = self._alarms(context).get(arn)
            super().put_metric_alarm(context, request)
            if before:
                self._alarms(context)[arn].alarm |= {key: before.alarm[key] for key in STATE}

    @handler("PutCompositeAlarm", expand=False)
    def put_composite_alarm(self, context: RequestContext, request: Json) -> None:
        rule = _parsed(request["AlarmRule"])
        with _STORE_LOCK:
            alarms = self._alarms(context)
            if missing := sorted(n for n in children(rule) if _arn(context, n) not in alarms):
                raise _invalid(
                    f"Could not save the composite alarm as alarms [{', '.join(missing)}] in the "
                    "alarm rule do not exist"
                )
            arn = _arn(context, request["AlarmName"])
            before = alarms.get(arn)
            composite = LocalStackCompositeAlarm(context.account_id, context.region, {**request})
            if before:
                composite.alarm |= {key: before.alarm[key] for key in STATE}
            alarms[arn] = composite
            did = "updated" if before else "created"
            self._evaluate(context, composite, composite, f"{arn} was {did}", frozenset())

    def delete_alarms(self, context: RequestContext, alarm_names: list[str], **_: Any) -> None:
        with _STORE_LOCK:
            gone = {_arn(context, name) for name in alarm_names}
            staying = [c for c in self._composites(context) if c.alarm["AlarmArn"] not in gone]
            needed = {arn for each in staying for arn in _looked_at(context, each)}
            if kept := [name for name in alarm_names if _arn(context, name) in needed]:
                them = "it" if len(kept) == 1 else "them"
                raise _invalid(
                    f"Cannot delete {','.join(kept)} as there are composite alarm(s) depending on "
                    f"{them}."
                )
            super().delete_alarms(context, alarm_names)

    def _evaluate_composite_alarms(
        self, context: RequestContext, changed: Any, path: frozenset[str] = frozenset()
    ) -> None:
        """Those that look at `changed`. A cycle ends where it meets itself, as AWS's does."""
        alarm = changed.alarm
        since = alarm["StateTransitionedTimestamp"].strftime("%A %d %B, %Y %H:%M:%S %Z")
        reason = f"{alarm['AlarmArn']} transitioned to {alarm['StateValue']} at {since}"
        path |= {alarm["AlarmArn"]}
        for composite in self._composites(context):
            if alarm["AlarmArn"] in _looked_at(context, composite):
                self._evaluate(context, composite, changed, reason, path)

    def _evaluate(
        self,
        context: RequestContext,
        composite: Any,
        trigger: Any,
        reason: str,
        path: frozenset[str],
    ) -> None:
        before = composite.alarm["StateValue"]
        after = "ALARM" if self._holds(context, composite) else "OK"
        if before == after or composite.alarm["AlarmArn"] in path:
            return
        if trigger is composite:
            reason += f" and its alarm rule evaluates to {after}"
        self._update_state(context, composite, after, reason, _triggering(trigger))
        composite.alarm["StateTransitionedTimestamp"] = datetime.now(UTC)
        if composite.alarm["ActionsEnabled"]:
            self._run_composite_alarm_actions(context, composite, before, trigger)
        self._evaluate_composite_alarms(context, composite, path)

    def _holds(self, context: RequestContext, composite: Any) -> bool:
        alarms = self._alarms(context)

        def state_of(name: str) -> str | None:
            found = alarms.get(_arn(context, name))
            return str(found.alarm["StateValue"]) if found else None

        return holds(_parsed(composite.alarm["AlarmRule"]), state_of)

    def _alarms(self, context: RequestContext) -> dict[str, Any]:
        alarms: dict[str, Any] = self.get_store(context.account_id, context.region).alarms
        return alarms

    def _composites(self, context: RequestContext) -> list[Any]:
        every = self._alarms(context).values()
        return [each for each in every if isinstance(each, LocalStackCompositeAlarm)]


def _parsed(text: str) -> Rule:
    try:
        return parse(text)
    except NotARule as error:
        raise _invalid(f"Error in AlarmRule [{error}]") from error


def _looked_at(context: RequestContext, composite: Any) -> set[str]:
    return {_arn(context, name) for name in children(_parsed(composite.alarm["AlarmRule"]))}


def _arn(context: RequestContext, name: str) -> str:
    """A rule names an alarm by its name or its ARN."""
    if name.startswith("arn:"):
        return name
    return str(cloudwatch_alarm_arn(name, context.account_id, context.region))


def _triggering(trigger: Any) -> Json:
    alarm = trigger.alarm
    at = timestamp_millis(alarm["StateTransitionedTimestamp"])
    state = {"value": alarm["StateValue"], "timestamp": at}
    return {"triggeringAlarms": [{"arn": alarm["AlarmArn"], "state": state}]}


def _invalid(message: str) -> CommonServiceException:
    return CommonServiceException("ValidationError", message, 400, True)
