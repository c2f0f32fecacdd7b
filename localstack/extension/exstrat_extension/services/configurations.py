"""What a group launches from: read from requests and from moto, and written to moto.

Rules that AWS's API reference gives for `DesiredConfiguration`. A version is a number here; AWS
takes `$Latest` and `$Default`, too.
"""

from copy import deepcopy
from typing import Any

from localstack.aws.api import CommonServiceException
from moto.autoscaling.models import FakeAutoScalingGroup
from moto.ec2.models import EC2Backend
from moto.ec2.models.launch_templates import LaunchTemplate

from exstrat_extension.fleet.configuration import Configuration
from exstrat_extension.fleet.errors import invalid

Json = dict[str, Any]


def desired(ec2: EC2Backend, asked: Json | None) -> Configuration | None:
    """A request's desired configuration; an illegal one is `Refused`."""
    if not asked:
        return None
    policy = asked.get("MixedInstancesPolicy")
    if bool(policy) == bool(asked.get("LaunchTemplate")):
        raise invalid("DesiredConfiguration must have a LaunchTemplate or a MixedInstancesPolicy.")
    launch = (policy or {}).get("LaunchTemplate") or {}
    specification = launch.get("LaunchTemplateSpecification") if policy else asked["LaunchTemplate"]
    template = _template(ec2, specification or {})
    version = _number(template, (specification or {}).get("Version"))
    return _configuration(template, version, launch.get("Overrides") or [], asked)


def of_group(kept: FakeAutoScalingGroup) -> Configuration | None:
    """What moto has of a group; None for a launch configuration."""
    template = kept.ec2_launch_template
    if not template:
        return None
    policy = kept.mixed_instances_policy or {}
    overrides = (policy.get("LaunchTemplate") or {}).get("Overrides") or []
    return _configuration(template, str(kept.launch_template_version), overrides, {})


def write(kept: FakeAutoScalingGroup, configuration: Configuration) -> None:
    """moto's group has what a refresh brought it to. A distribution that it leaves out stays."""
    said = deepcopy(dict(configuration.said))
    policy = said.get("MixedInstancesPolicy")
    if policy and kept.mixed_instances_policy:
        policy.setdefault(
            "InstancesDistribution", kept.mixed_instances_policy["InstancesDistribution"]
        )
    kept.launch_config = kept.launch_configuration_name = None
    kept.mixed_instances_policy = policy
    kept._set_launch_configuration(None, said.get("LaunchTemplate"), policy)


def _configuration(
    template: LaunchTemplate, version: str, overrides: list[Json], said: Json
) -> Configuration:
    types = tuple(each["InstanceType"] for each in overrides if each.get("InstanceType"))
    image = template.get_version(version).image_id or ""
    by_parameter = image.startswith("resolve:ssm:")
    return Configuration(template.id, template.name, version, types, by_parameter, said)


def _template(ec2: EC2Backend, specification: Json) -> LaunchTemplate:
    id_, name = specification.get("LaunchTemplateId"), specification.get("LaunchTemplateName")
    if bool(id_) == bool(name):
        raise invalid("Valid requests must contain either launchTemplateId or LaunchTemplateName")
    found = id_ or ec2.launch_template_name_to_ids.get(name)
    if found not in ec2.launch_templates:
        what = f"ID {id_}" if id_ else f"name {name}"
        raise invalid(
            "You must use a valid fully-formed launch template. The specified launch template, "
            f"with template {what}, does not exist."
        )
    return ec2.launch_templates[found]


def _number(template: LaunchTemplate, version: str | None) -> str:
    if version is None or version.startswith("$"):
        message = f"Version: found {version}; must be given by number here"
        raise CommonServiceException("NotImplemented", message, 501)
    if version not in {str(each.number) for each in template.versions}:
        raise invalid(f"Could not find launch template version {version}.")
    return version
