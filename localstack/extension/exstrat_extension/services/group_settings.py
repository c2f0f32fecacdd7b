"""A group's settings, read from a request over what they were."""

from typing import Any

from moto.ec2.models import EC2Backend

from exstrat_extension.fleet.errors import invalid
from exstrat_extension.fleet.model import HealthCheckType, Settings, TerminationPolicy
from exstrat_extension.services.network import group_subnets

REMEMBERED = (
    "AvailabilityZoneDistribution",
    "CapacityRebalance",
    "CapacityReservationSpecification",
    "Context",
    "DefaultInstanceWarmup",
    "DesiredCapacityType",
    "InstanceMaintenancePolicy",
    "MaxInstanceLifetime",
)
"""What moto drops and nothing here acts on; described as it was requested."""

DEFAULTS = {
    "AvailabilityZoneDistribution": {"CapacityDistributionStrategy": "balanced-best-effort"},
    "CapacityReservationSpecification": {"CapacityReservationPreference": "default"},
}
"""What AWS shows of a group whose owner said nothing."""


def settings_from(request: dict[str, Any], before: Settings | None, ec2: EC2Backend) -> Settings:
    """Create (`before` is None, with AWS's defaults) or update; an illegal value is `Refused`."""
    zones, subnets = request.get("AvailabilityZones"), request.get("VPCZoneIdentifier")
    if before is None or zones or subnets:
        placed = group_subnets(ec2, subnets, zones or [])
    else:
        placed = before.subnets
    base = before or Settings(placed)

    def either(key: str, otherwise: Any) -> Any:
        value = request.get(key)
        return otherwise if value is None else value

    return Settings(
        subnets=placed,
        health_check_type=_health_check(either("HealthCheckType", base.health_check_type)),
        health_check_grace_s=either("HealthCheckGracePeriod", base.health_check_grace_s),
        default_cooldown_s=either("DefaultCooldown", base.default_cooldown_s),
        termination_policies=_policies(request.get("TerminationPolicies"))
        or base.termination_policies,
        protect_new_instances=either(
            "NewInstancesProtectedFromScaleIn", base.protect_new_instances
        ),
    )


def _health_check(text: str) -> HealthCheckType:
    """Of the several types that AWS takes, separated by commas, only ELB adds a check here."""
    kinds = {kind.strip() for kind in text.split(",")}
    if not kinds <= {"EC2", "ELB", "EBS", "VPC_LATTICE"}:
        raise invalid(
            f"Invalid Health Check Type. Found {text}; must be EC2, ELB, EBS or VPC_LATTICE"
        )
    return HealthCheckType.ELB if "ELB" in kinds else HealthCheckType.EC2


def _policies(names: list[str] | None) -> tuple[TerminationPolicy, ...]:
    try:
        return tuple(TerminationPolicy(name) for name in names or [])
    except ValueError as unknown:
        raise invalid(f"Invalid termination policy: {unknown}") from unknown
