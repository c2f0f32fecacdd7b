"""Launch templates are moto's, which takes a template's own tags for tags of what it launches, and
reads the user data of the first version alone: from another that has some it launches nothing.
"""

from typing import Any

from moto.core.types import Base64EncodedString
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion
from moto.ec2.utils import parse_user_data


def mend_versions() -> None:
    create = LaunchTemplate.create_version

    def create_version(
        template: LaunchTemplate, data: dict[str, Any], description: str
    ) -> LaunchTemplateVersion:
        return create(template, data | _of_what_it_launches(data), description)

    LaunchTemplate.create_version = create_version


def _of_what_it_launches(data: dict[str, Any]) -> dict[str, Any]:
    every, user_data = data.get("TagSpecifications") or [], data.get("UserData")
    tags = [each for each in every if each["ResourceType"] != "launch-template"]
    if not isinstance(user_data, Base64EncodedString):
        user_data = parse_user_data(user_data)
    return {"TagSpecifications": tags, "UserData": user_data}
