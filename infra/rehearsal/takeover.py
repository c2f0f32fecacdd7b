"""Leader and standby on one journal: the leader is killed, and the standby goes on from where it was."""

import time

from rehearsal.closed_loop import HEARTBEAT, PATIENCE_S, await_call, calls_of, refusals
from rehearsal.cloud import Cloud
from rehearsal.daemon import Controller, Daemon
from rehearsal.demand import Demand, served_by
from rehearsal.fleet import Fleet
from rehearsal.must import must

PROMISED_S = 13
"""The lease of 11 s, and 2 until it is asked for: controller/README.md."""
LATE_S = 3
"""More, for a machine that has other work."""
HELD_S = 15
"""As many ticks of the one that leads now."""


def goes_on(controller: Controller, cloud: Cloud, fleet: Fleet, demand: Demand) -> None:
    """Both with the file's own time limit for AWS, on which the lease depends."""
    instances = fleet.await_in_service()
    over_at = demand.publish(served_by(instances), [0], instances)
    with controller.running(call_timeout=None) as leader:
        must(leads(leader, PATIENCE_S), "a controller leads", controller.log_tail())
        with controller.running(call_timeout=None) as standby:
            # Then both can know that what there is serves well: neither has a reason to change it.
            time.sleep(max(0.0, over_at + HELD_S - time.time()))
            must(leader.leads and not standby.leads, "of two controllers one leads, the other stands by")
            is_followed(leader, standby, controller, cloud, fleet)


def is_followed(leader: Daemon, standby: Daemon, controller: Controller, cloud: Cloud, fleet: Fleet) -> None:
    held, since = fleet.desired, len(calls_of(cloud, controller.role))
    leader.kill()
    killed_at = time.monotonic()
    followed, took_s = leads(standby, PROMISED_S + LATE_S), time.monotonic() - killed_at
    must(followed, f"the leader is killed: the standby leads within {PROMISED_S} s", controller.log_tail())
    print(f"      after {took_s:.1f} s", flush=True)
    await_call(cloud, controller.role, HEARTBEAT, since)
    seen = fleet.sizes_within(HELD_S)
    must(seen == {held}, f"and the group keeps its {held} instances", seen)
    refused = refusals(calls_of(cloud, controller.role)[since:])
    must(not refused, "its calls are within the role's policies too", refused)


def leads(daemon: Daemon, patience_s: float) -> bool:
    """Whether it leads before the patience is over."""
    ends = time.monotonic() + patience_s
    while not (so := daemon.leads) and time.monotonic() < ends:
        time.sleep(0.1)
    return so
