"""The daemon, on the group that Terraform made, allowed what Terraform's role allows and nothing else."""

import json
import time
import urllib.request
from typing import Any

from rehearsal.cloud import Cloud
from rehearsal.daemon import Controller
from rehearsal.demand import QUIET, SLOW, Demand
from rehearsal.fleet import Fleet
from rehearsal.must import must

Json = dict[str, Any]
RESIZE = "autoscaling:SetDesiredCapacity"
HEARTBEAT = "cloudwatch:PutMetricData"
PATIENCE_S = 180
"""Its ticks are a second; the rest is for a machine that has other work."""


def checks(controller: Controller) -> None:
    """The file that Terraform wrote is valid, and AWS has what it names."""
    offline = controller.check("--offline")
    must(offline.returncode == 0, "`controller check --offline` takes the file", offline.stderr)
    online = controller.check()
    must(online.returncode == 0, "`controller check` finds what it names", online.stdout + online.stderr)


def scales_out(controller: Controller, cloud: Cloud, fleet: Fleet, demand: Demand) -> None:
    """A surge makes it add instances, and no call of its is refused."""
    before, since = fleet.desired, len(calls_of(cloud, controller.role))
    surge(demand, before)
    with controller.running() as daemon:
        desired = fleet.await_desired(above=before, patience_s=PATIENCE_S)
        must(desired > before, "a surge: the controller adds instances", controller.log_tail())
        await_call(cloud, controller.role, HEARTBEAT, since)
        daemon.stop()
    calls = calls_of(cloud, controller.role)[since:]
    refused = refusals(calls)
    must(not refused, f"its {len(calls)} calls are all within the role's policies", refused)
    made = sorted({call["action"] for call in calls})
    must(RESIZE in made and HEARTBEAT in made, f"it called {', '.join(made)}", made)
    print(f"      from {before} to {desired} instances", flush=True)


def needs_each_permission(controller: Controller, cloud: Cloud, fleet: Fleet, demand: Demand) -> None:
    """Without the permission to resize its call is refused, as any call outside of the policy would be."""
    before = fleet.desired
    surge(demand, before)
    since = len(calls_of(cloud, controller.role))
    iam, role = cloud.client("iam"), controller.role.rsplit("/", 1)[-1]
    policy = iam.get_role_policy(RoleName=role, PolicyName="scale")["PolicyDocument"]
    iam.put_role_policy(RoleName=role, PolicyName="scale", PolicyDocument=json.dumps(without(policy, RESIZE)))
    try:
        with controller.running() as daemon:
            await_call(cloud, controller.role, RESIZE, since)
            daemon.stop()
    finally:
        iam.put_role_policy(RoleName=role, PolicyName="scale", PolicyDocument=json.dumps(policy))
    refused = refusals(calls_of(cloud, controller.role)[since:])
    must(refused == {RESIZE}, f"without {RESIZE} that call is refused", refused)
    must(fleet.desired == before, "and the group keeps its size", fleet.desired)


def surge(demand: Demand, instances: int) -> None:
    """A quiet half hour, and three minutes of more than the instances serve."""
    demand.publish(QUIET, range(-30, -3), instances)
    demand.publish(SLOW, range(-3, 0), instances)


def calls_of(cloud: Cloud, role: str) -> list[Json]:
    with urllib.request.urlopen(f"{cloud.endpoint}/_calls", timeout=30) as response:
        return [call for call in json.load(response) if call["role"] == role]


def refusals(calls: list[Json]) -> set[str]:
    return {call["action"] for call in calls if not call["allowed"]}


def await_call(cloud: Cloud, role: str, action: str, since: int = 0) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if any(call["action"] == action for call in calls_of(cloud, role)[since:]):
            return
        time.sleep(0.5)
    must(False, f"the controller calls {action}", sorted({c["action"] for c in calls_of(cloud, role)}))


def without(policy: Json, action: str) -> Json:
    """The policy less one action; a statement that held nothing else goes with it."""
    kept = []
    for statement in policy["Statement"]:
        actions = statement["Action"]
        rest = [a for a in ([actions] if isinstance(actions, str) else actions) if a != action]
        if rest:
            kept.append(statement | {"Action": rest})
    return policy | {"Statement": kept}
