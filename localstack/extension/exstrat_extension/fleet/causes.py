"""The sentences with which Auto Scaling explains an activity."""

from datetime import UTC, datetime

from exstrat_extension.fleet.model import Group

REFRESH = "in response to an instance refresh."


def at(now: float) -> str:
    """`At 2026-11-24T03:00:00Z`, the start of every sentence."""
    return f"At {datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%SZ}"


def desired_changed(what: str, before: int, after: int, now: float) -> str:
    return f"{at(now)} {what} changing the desired capacity from {before} to {after}."


def scaled(group: Group, now: float, *, growing: bool) -> str:
    """Why a launch or a termination closes the gap between desired and actual capacity."""
    did = "started" if growing else "taken out of service"
    direction = "increasing" if growing else "shrinking"
    return (
        f"{group.cause}  {at(now)} an instance was {did} in response to a difference between "
        f"desired and actual capacity, {direction} the capacity from {len(group.alive())} "
        f"to {group.capacity.desired}."
    )
