"""The subnets that a group may launch into, from moto's EC2."""

from moto.ec2.exceptions import InvalidSubnetIdError
from moto.ec2.models import EC2Backend

from exstrat_extension.fleet.errors import invalid
from exstrat_extension.fleet.model import Subnet


def default_subnets(ec2: EC2Backend) -> list[Subnet]:
    """The default VPC's, one per availability zone."""
    found = ec2.get_default_subnets()
    return [Subnet(found[zone].id, zone) for zone in sorted(found)]


def group_subnets(
    ec2: EC2Backend, vpc_zone_identifier: str | None, zones: list[str]
) -> tuple[Subnet, ...]:
    """`VPCZoneIdentifier`'s subnets or else the default ones of the zones."""
    if vpc_zone_identifier:
        identifiers = [i.strip() for i in vpc_zone_identifier.split(",") if i.strip()]
        try:
            subnets = [ec2.get_subnet(identifier) for identifier in identifiers]
        except InvalidSubnetIdError as unknown:
            raise invalid(str(unknown.message)) from unknown
        return tuple(Subnet(subnet.id, subnet.availability_zone) for subnet in subnets)
    chosen = tuple(s for s in default_subnets(ec2) if s.availability_zone in zones)
    if not chosen:
        raise invalid("At least one Availability Zone or VPC Subnet is required.")
    return chosen
