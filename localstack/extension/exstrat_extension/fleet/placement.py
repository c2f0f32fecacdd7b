"""Where the next instance goes and which one leaves: AWS's balance between zones."""

from collections import Counter
from collections.abc import Iterable

from exstrat_extension.fleet.model import Group, Instance, Subnet, TerminationPolicy


def next_subnet(group: Group) -> Subnet:
    """The first subnet in the zone with the fewest living instances."""
    alive = _per_zone(group.alive())
    return min(group.settings.subnets, key=lambda subnet: alive[subnet.availability_zone])


def next_victim(group: Group) -> Instance | None:
    """The instance that scale-in takes: in the zone with the most instances, by termination policy.

    Protected instances are spared. None if every instance is protected.
    """
    alive = group.alive()
    candidates = [i for i in alive if group.deleting or not i.protected_from_scale_in]
    if not candidates:
        return None
    per_zone = _per_zone(alive)
    fullest = max(per_zone[i.subnet.availability_zone] for i in candidates)
    candidates = [i for i in candidates if per_zone[i.subnet.availability_zone] == fullest]
    newest_first = group.settings.termination_policies[0] is TerminationPolicy.NEWEST_INSTANCE
    return candidates[-1 if newest_first else 0]


def _per_zone(instances: Iterable[Instance]) -> Counter[str]:
    return Counter(i.subnet.availability_zone for i in instances)
