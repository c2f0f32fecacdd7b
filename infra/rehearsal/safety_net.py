"""What happens when nobody controls: AWS adds instances by itself, and the controller takes over from there."""

import time

from rehearsal.closed_loop import HEARTBEAT, await_call, calls_of
from rehearsal.cloud import Cloud
from rehearsal.daemon import Controller
from rehearsal.demand import MINUTE_S, SERVED, SLOWER, Demand
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


def is_armed(fleet: Fleet, demand: Demand) -> float:
    """From now on nobody controls and users wait; returns the time of it."""
    demand.publish(SLOWER, range(0, MINUTES + 1), fleet.await_in_service())
    return time.monotonic()


def fires(cloud: Cloud, fleet: Fleet, demand: Demand, armed_at: float) -> None:
    before = fleet.desired
    fired = before
    while fired <= before and time.monotonic() < armed_at + PATIENCE_S:
        fired = fleet.await_desired(above=before, patience_s=MOST_OF_A_MINUTE_S)
        if fired <= before:
            demand.publish(SLOWER, [0], before)
    took = time.monotonic() - armed_at
    must(fired > before, "the controller dead and users waiting: the safety net adds instances", fired)
    print(f"      from {before} to {fired} instances after {took:.0f} s", flush=True)
    activities = cloud.client("autoscaling").describe_scaling_activities(AutoScalingGroupName=fleet.name)
    cause = activities["Activities"][0]["Cause"]
    must("slow-and-unattended in state ALARM triggered policy" in cause, "by its alarm", cause)


def gives_way(controller: Controller, cloud: Cloud, fleet: Fleet, demand: Demand) -> None:
    """The controller is back where what there is now serves well: it neither adds nor takes away."""
    held = fleet.await_in_service()
    demand.publish(SERVED, range(0, 4), held)
    # A whole minute of it must be over for the controller to see it, the next one.
    time.sleep(2 * MINUTE_S - time.time() % MINUTE_S)
    since = len(calls_of(cloud, controller.role))
    with controller.running():
        await_call(cloud, controller.role, HEARTBEAT, since)
        ends = time.monotonic() + HELD_S
        seen = set()
        while time.monotonic() < ends:
            seen.add(fleet.desired)
            time.sleep(1)
    must(seen == {held}, f"the controller is back, and the group keeps its {held} instances", seen)
