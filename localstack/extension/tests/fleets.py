"""A fleet on virtual time, driven as the data plane and a client would."""

from dataclasses import dataclass, field
from typing import Any

from exstrat_extension.fleet import facts, groups
from exstrat_extension.fleet.capacity import Capacity
from exstrat_extension.fleet.model import (
    Fleet,
    Group,
    Instance,
    LifecycleState,
    Settings,
    Subnet,
    Target,
)
from exstrat_extension.fleet.reconcile import reconcile

SUBNETS = tuple(Subnet(f"subnet-{zone}", f"eu-west-3{zone}") for zone in "abc")
DASHBOARD, API = "arn:dashboard", "arn:api"
START = 1_795_400_000.0


@dataclass
class World:
    """One group named `g`. Every step takes a second and is followed by `reconcile`."""

    fleet: Fleet = field(default_factory=Fleet)
    now: float = START
    next_port: int = 41000

    def create(
        self, desired: int = 2, *, min_size: int = 0, max_size: int = 20, **settings: Any
    ) -> Group:
        chosen = Settings(SUBNETS, **settings)
        capacity = Capacity(min_size, max_size, desired)
        groups.create(self.fleet, "g", capacity, chosen, [DASHBOARD, API], self.now)
        self.step()
        return self.group

    @property
    def group(self) -> Group:
        return self.fleet.groups["g"]

    def step(self, seconds: float = 1.0) -> None:
        self.now += seconds
        reconcile(self.fleet, self.now)
        for instance in self.instances():
            instance.seen = True

    def instances(self, state: LifecycleState | None = None) -> list[Instance]:
        every = [i for group in self.fleet.groups.values() for i in group.instances.values()]
        return [i for i in every if state in (None, i.state)]

    def ids(self, state: LifecycleState | None = None) -> list[str]:
        return [i.instance_id for i in self.instances(state)]

    def target(self, arn: str, instance_id: str) -> Target:
        return self.fleet.targets[arn][instance_id]

    def report(self, fact: facts.Fact) -> bool:
        known = facts.apply(self.fleet, fact, self.now)
        self.step()
        return known

    def run(self, instance_id: str) -> None:
        self.next_port += 1
        self.report(facts.InstanceRunning(instance_id, self.next_port))

    def check(self, instance_id: str, *arns: str, healthy: bool = True) -> None:
        for arn in arns or (DASHBOARD, API):
            reason = None if healthy else "Target.Timeout"
            self.report(facts.TargetHealth(arn, instance_id, healthy, reason))

    def drain(self, instance_id: str) -> None:
        for arn in (DASHBOARD, API):
            self.report(facts.TargetDrained(arn, instance_id))

    def exit(self, instance_id: str) -> None:
        self.report(facts.InstanceExited(instance_id))

    def settle(self) -> None:
        """Every pending instance comes in service, every terminating one goes."""
        for instance_id in self.ids(LifecycleState.PENDING):
            self.run(instance_id)
            self.check(instance_id)
        for instance_id in self.ids(LifecycleState.TERMINATING):
            self.drain(instance_id)
            self.exit(instance_id)

    def set_desired(self, desired: int, *, honor_cooldown: bool = False) -> None:
        groups.set_desired(self.group, desired, self.now, honor_cooldown=honor_cooldown)
        self.step()
