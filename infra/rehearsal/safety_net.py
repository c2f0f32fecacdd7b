"""What happens when nobody controls: AWS adds instances by itself, and the controller takes over from there."""

import time
from dataclasses import dataclass

from rehearsal.closed_loop import HEARTBEAT, await_call, calls_of
from rehearsal.cloud import Cloud
from rehearsal.daemon import Controller
from rehearsal.demand import SLOWER, Demand, served_by
from rehearsal.fleet import Fleet
from rehearsal.must import must

MINUTES = 2
"""`safety_net.minutes` of prod.tfvars: so many whole minutes without a heartbeat, and slow in each."""
PATIENCE_S = (MINUTES + 3) * 60
"""The minute in which the last heartbeat lies, the net's own, and an evaluation each minute after."""
MOST_OF_A_MINUTE_S = 45
"""So long is waited for an evaluation before another minute is made a slow one."""
HELD_S = 15
"""As many ticks of the controller that is back."""


@dataclass(frozen=True)
class Armed:
    """Since when, on the monotonic clock, nobody controls; and how many instances there were."""

    at: float
    desired: int


def is_armed(fleet: Fleet, demand: Demand) -> Armed:
    """From now on nobody controls and users wait."""
    desired = fleet.await_in_service()
    demand.publish(SLOWER, range(0, MINUTES + 1), desired)
    return Armed(time.monotonic(), desired)


def fires(cloud: Cloud, fleet: Fleet, demand: Demand, armed: Armed) -> None:
    fired = fleet.desired
    while fired <= armed.desired and time.monotonic() < armed.at + PATIENCE_S:
        fired = fleet.await_desired(above=armed.desired, patience_s=MOST_OF_A_MINUTE_S)
        if fired <= armed.desired:
            # An alarm looks at minutes that are over. The one that runs is left for what comes after.
            demand.publish(SLOWER, [-1], armed.desired)
    took = time.monotonic() - armed.at
    must(fired > armed.desired, "the controller dead and users waiting: the safety net adds instances", fired)
    print(f"      from {armed.desired} to {fired} instances after {took:.0f} s at most", flush=True)
    activities = cloud.client("autoscaling").describe_scaling_activities(AutoScalingGroupName=fleet.name)
    cause = activities["Activities"][0]["Cause"]
    must("slow-and-unattended in state ALARM triggered policy" in cause, "by its alarm", cause)


def gives_way(controller: Controller, cloud: Cloud, fleet: Fleet, demand: Demand) -> None:
    """The controller is back where what there is now serves well: it neither adds nor takes away."""
    held = fleet.await_in_service()
    over_at = demand.publish(served_by(held), range(0, 4), held)
    # The controller sees the newest minute that is over.
    time.sleep(max(0.0, over_at - time.time()))
    since = len(calls_of(cloud, controller.role))
    with controller.running():
        await_call(cloud, controller.role, HEARTBEAT, since)
        seen = fleet.sizes_within(HELD_S)
    must(seen == {held}, f"the controller is back, and the group keeps its {held} instances", seen)
