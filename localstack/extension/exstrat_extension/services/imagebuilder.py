"""EC2 Image Builder: what is asked for is kept, and an image is there at once. Nothing is baked."""

import uuid
from datetime import UTC, datetime
from typing import Any

from localstack.aws.api import RequestContext
from localstack.services.plugins import Service
from moto.ec2.models import EC2Backend, ec2_backends

from exstrat_extension.services.control_plane import Answer, Operation, control_plane, missing

Request = dict[str, Any]

KINDS = {
    "Component": "component",
    "ImageRecipe": "imageRecipe",
    "InfrastructureConfiguration": "infrastructureConfiguration",
    "DistributionConfiguration": "distributionConfiguration",
    "ImagePipeline": "imagePipeline",
}
"""An operation's noun, and the field of its answer that holds the thing."""


class ImageBuilder:
    def __init__(self) -> None:
        self._things: dict[str, Request] = {}

    def operations(self) -> dict[str, Operation]:
        table: dict[str, Operation] = {
            "CreateImage": self._create_image,
            "GetImage": self._get_image,
            "DeleteImage": self._delete_image,
            "ListTagsForResource": self._tags,
        }
        for noun, field in KINDS.items():
            table[f"Create{noun}"] = self._create(field)
            table[f"Get{noun}"] = self._get(field)
            table[f"Update{noun}"] = self._update(field)
            table[f"Delete{noun}"] = self._delete(_key(field))
        return table

    def _create(self, field: str) -> Operation:
        def create(context: RequestContext, request: Request) -> Answer:
            arn = _arn(context, field, request)
            self._things[arn] = _as_read(field, request) | {"arn": arn}
            return {_key(field): arn, "requestId": str(uuid.uuid4())}

        return create

    def _get(self, field: str) -> Operation:
        def get(context: RequestContext, request: Request) -> Answer:
            return {field: self._find(request[_key(field)])}

        return get

    def _update(self, field: str) -> Operation:
        def update(context: RequestContext, request: Request) -> Answer:
            arn = request[_key(field)]
            self._find(arn).update(_as_read(field, request))
            return {_key(field): arn}

        return update

    def _delete(self, key: str) -> Operation:
        def delete(context: RequestContext, request: Request) -> Answer:
            self._things.pop(request[key], None)
            return {key: request[key]}

        return delete

    def _create_image(self, context: RequestContext, request: Request) -> Answer:
        recipe = self._find(request["imageRecipeArn"])
        distribution = self._things.get(request.get("distributionConfigurationArn", ""))
        arn = f"{request['imageRecipeArn'].replace(':image-recipe/', ':image/')}/1"
        self._things[arn] = {
            "arn": arn,
            "name": recipe["name"],
            "version": f"{recipe['version']}/1",
            "platform": "Linux",
            "state": {"status": "AVAILABLE"},
            "imageRecipe": recipe,
            "infrastructureConfiguration": self._find(request["infrastructureConfigurationArn"]),
            "distributionConfiguration": distribution,
            "enhancedImageMetadataEnabled": True,
            "imageTestsConfiguration": {"imageTestsEnabled": True, "timeoutMinutes": 720},
            "outputResources": {"amis": [_ami(context, _ami_name(recipe, distribution))]},
            "tags": request.get("tags", {}),
        }
        return {"imageBuildVersionArn": arn, "requestId": str(uuid.uuid4())}

    def _get_image(self, context: RequestContext, request: Request) -> Answer:
        return {"image": self._find(request["imageBuildVersionArn"])}

    def _delete_image(self, context: RequestContext, request: Request) -> Answer:
        arn = request["imageBuildVersionArn"]
        for ami in self._things.pop(arn, {"outputResources": {"amis": []}})["outputResources"][
            "amis"
        ]:
            _ec2(context).deregister_image(ami["image"])
        return {"imageBuildVersionArn": arn}

    def _tags(self, context: RequestContext, request: Request) -> Answer:
        return {"tags": self._find(request["resourceArn"]).get("tags", {})}

    def _find(self, arn: str) -> Request:
        if arn not in self._things:
            raise missing("ResourceNotFoundException", arn)
        return self._things[arn]


def _key(field: str) -> str:
    return {"component": "componentBuildVersionArn"}.get(field, f"{field}Arn")


def _arn(context: RequestContext, field: str, request: Request) -> str:
    kind = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in field)
    version = f"/{request['semanticVersion']}" if "semanticVersion" in request else ""
    build = "/1" if field == "component" else ""
    where = f"{context.region}:{context.account_id}"
    return f"arn:aws:imagebuilder:{where}:{kind}/{request['name'].lower()}{version}{build}"


def _as_read(field: str, request: Request) -> Request:
    """What was written, as AWS shows it."""
    thing = {key: value for key, value in request.items() if key != "clientToken"}
    if "semanticVersion" in thing:
        thing["version"] = thing.pop("semanticVersion")
    if field == "imagePipeline":
        thing.setdefault("status", "ENABLED")
    return thing


def _ami(context: RequestContext, name: str) -> Request:
    """EC2 has it too, as whoever looks for the newest one by its name expects."""
    image = _ec2(context).register_image(name=name).id
    return {"region": context.region, "image": image, "name": name, "accountId": context.account_id}


def _ami_name(recipe: Request, distribution: Request | None) -> str:
    for each in (distribution or {}).get("distributions", []):
        if name := each.get("amiDistributionConfiguration", {}).get("name"):
            built = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%fZ")
            return str(name).replace("{{ imagebuilder:buildDate }}", built)
    return str(recipe["name"])


def _ec2(context: RequestContext) -> EC2Backend:
    return ec2_backends[context.account_id][context.region]


def service() -> Service:
    return control_plane("imagebuilder", ImageBuilder().operations(), on_moto=False)
