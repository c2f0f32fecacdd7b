"""Launch templates are moto's, which takes a template's own tags for tags of what it launches."""

from typing import Any

from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion


def keep_own_tags_apart() -> None:
    create = LaunchTemplate.create_version

    def create_version(
        template: LaunchTemplate, data: dict[str, Any], description: str
    ) -> LaunchTemplateVersion:
        launched = [
            tags
            for tags in data.get("TagSpecifications") or []
            if tags["ResourceType"] != "launch-template"
        ]
        return create(template, data | {"TagSpecifications": launched}, description)

    LaunchTemplate.create_version = create_version
