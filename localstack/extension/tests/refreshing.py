"""A group whose instances are refreshed, and what a client sees of it."""

from typing import Any

from exstrat_extension.fleet import refresh
from exstrat_extension.fleet.configuration import Configuration
from exstrat_extension.fleet.model import LifecycleState
from exstrat_extension.fleet.preferences import Preferences
from exstrat_extension.fleet.refresh_model import Progress, Refresh
from exstrat_extension.fleet.refresh_progress import progress
from tests.fleets import World

PENDING, IN_SERVICE, TERMINATING = LifecycleState
SURGE: dict[str, Any] = {"min_healthy_percent": 100, "max_healthy_percent": 120}


def version(number: str) -> Configuration:
    return Configuration("lt-1", "fleet", number)


def three() -> World:
    """Three instances of version 1."""
    world = World()
    world.create(0).configuration = version("1")
    world.set_desired(3)
    world.settle()
    return world


def versions(world: World) -> list[str]:
    return sorted(i.configuration.version for i in world.group.alive() if i.configuration)


def own(world: World) -> str:
    assert world.group.configuration
    return world.group.configuration.version


def last(world: World) -> Refresh:
    return world.group.refreshes[-1]


def status(world: World) -> str:
    return last(world).status.value


def seen(world: World) -> Progress:
    return progress(world.group, last(world), world.now)


def begin(world: World, number: str | None, **preferences: Any) -> None:
    chosen = Preferences(**{"skip_matching": True} | SURGE | preferences)
    refresh.start(world.group, version(number) if number else None, chosen, world.now)
    world.step()


def finish(world: World) -> None:
    for _ in range(20):
        world.settle()
        world.step()
    assert world.group.refresh is None


def alarm(world: World, *names: str) -> None:
    world.fleet.alarming = frozenset(names)
    world.step()
