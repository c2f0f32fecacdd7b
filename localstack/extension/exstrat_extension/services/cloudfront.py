"""CloudFront: distributions, policies, origins. Shown as they were written; nothing is served."""

import uuid
from datetime import UTC, datetime
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.services.plugins import Service

from exstrat_extension.services.control_plane import Answer, Operation, control_plane, missing

Request = dict[str, Any]

CONFIGS = {
    "Distribution": "DistributionConfig",
    "CachePolicy": "CachePolicyConfig",
    "ResponseHeadersPolicy": "ResponseHeadersPolicyConfig",
    "OriginAccessControl": "OriginAccessControlConfig",
    "VpcOrigin": "VpcOriginEndpointConfig",
}
"""Every kind of thing, and the field that holds what its owner wrote."""

STATES = {"Distribution", "VpcOrigin"}
"""Those that are spread over the world, and say whether that is done. Here it always is."""


class CloudFront:
    def __init__(self) -> None:
        self._things: dict[str, tuple[Answer, str]] = {}
        """By id: what is shown, and its ETag."""
        self._tags: dict[str, list[dict[str, str]]] = {}

    def operations(self) -> dict[str, Operation]:
        table: dict[str, Operation] = {
            "CreateDistributionWithTags": self._create_distribution_with_tags,
            "ListDistributions": self._list_distributions,
            "ListTagsForResource": self._list_tags,
            "TagResource": self._tag,
            "CreateInvalidation": self._invalidate,
        }
        for kind, config in CONFIGS.items():
            table[f"Create{kind}"] = self._create(kind)
            table[f"Get{kind}"] = self._get(kind)
            table[f"Get{kind}Config"] = self._get_config(kind, config)
            table[f"Update{kind}"] = self._update(kind)
            table[f"Delete{kind}"] = self._delete(kind)
        return table

    def _create(self, kind: str) -> Operation:
        def create(context: RequestContext, request: Request) -> Answer:
            id_ = "E" + uuid.uuid4().hex[:13].upper()
            config = _whole(kind, request[CONFIGS[kind]])
            thing = {"Id": id_, CONFIGS[kind]: config} | _extras(context, kind, id_)
            self._tag_new(thing, request.get("Tags"))
            return self._keep(kind, id_, thing)

        return create

    def _create_distribution_with_tags(self, context: RequestContext, request: Request) -> Answer:
        both = request["DistributionConfigWithTags"]
        return self._create("Distribution")(context, both)

    def _list_distributions(self, context: RequestContext, request: Request) -> Answer:
        """All on one page, each with its configuration's parts among its own."""
        config = CONFIGS["Distribution"]
        items = [thing | thing[config] for thing, _ in self._things.values() if config in thing]
        page = {"Marker": "", "MaxItems": len(items), "IsTruncated": False, "Quantity": len(items)}
        return {"DistributionList": page | {"Items": items}}

    def _get(self, kind: str) -> Operation:
        def get(context: RequestContext, request: Request) -> Answer:
            thing, etag = self._find(kind, request["Id"])
            return {kind: thing, "ETag": etag}

        return get

    def _get_config(self, kind: str, config: str) -> Operation:
        def get_config(context: RequestContext, request: Request) -> Answer:
            thing, etag = self._find(kind, request["Id"])
            return {config: thing[config], "ETag": etag}

        return get_config

    def _update(self, kind: str) -> Operation:
        def update(context: RequestContext, request: Request) -> Answer:
            thing, _ = self._expect(kind, request)
            config = _whole(kind, request[CONFIGS[kind]])
            changed = thing | {CONFIGS[kind]: config, "LastModifiedTime": _now()}
            return self._keep(kind, request["Id"], changed)

        return update

    def _delete(self, kind: str) -> Operation:
        def delete(context: RequestContext, request: Request) -> Answer:
            thing, etag = self._expect(kind, request)
            if kind == "Distribution" and thing[CONFIGS[kind]]["Enabled"]:
                raise CommonServiceException(
                    "DistributionNotDisabled", f"{thing['Id']} is enabled.", 409, True
                )
            del self._things[request["Id"]]
            return {"VpcOrigin": thing, "ETag": etag} if kind == "VpcOrigin" else {}

        return delete

    def _invalidate(self, context: RequestContext, request: Request) -> Answer:
        """Nothing is cached, so it is done at once."""
        self._find("Distribution", request["DistributionId"])
        invalidation = {
            "Id": "I" + uuid.uuid4().hex[:13].upper(),
            "Status": "Completed",
            "CreateTime": _now(),
            "InvalidationBatch": request["InvalidationBatch"],
        }
        return {"Invalidation": invalidation}

    def _list_tags(self, context: RequestContext, request: Request) -> Answer:
        return {"Tags": {"Items": self._tags.get(request["Resource"], [])}}

    def _tag(self, context: RequestContext, request: Request) -> Answer:
        self._tags[request["Resource"]] = request["Tags"].get("Items", [])
        return {}

    def _tag_new(self, thing: Answer, tags: Request | None) -> None:
        arn = thing.get("ARN") or thing.get("Arn")
        if arn and tags:
            self._tags[arn] = tags.get("Items", [])

    def _keep(self, kind: str, id_: str, thing: Answer) -> Answer:
        etag = "E" + uuid.uuid4().hex[:12].upper()
        self._things[id_] = (thing, etag)
        return {kind: thing, "ETag": etag, "Location": f"/{kind}/{id_}"}

    def _find(self, kind: str, id_: str) -> tuple[Answer, str]:
        if id_ not in self._things:
            code = "EntityNotFound" if kind == "VpcOrigin" else f"NoSuch{kind}"
            raise missing(code, id_)
        return self._things[id_]

    def _expect(self, kind: str, request: Request) -> tuple[Answer, str]:
        """The thing, unless somebody else changed it meanwhile."""
        thing, etag = self._find(kind, request["Id"])
        if request.get("IfMatch") != etag:
            raise CommonServiceException(
                "PreconditionFailed", f"{request['Id']} has changed meanwhile.", 412, True
            )
        return thing, etag


def _extras(context: RequestContext, kind: str, id_: str) -> Answer:
    """What AWS adds to what was written."""
    extras: Answer = {} if kind == "OriginAccessControl" else {"LastModifiedTime": _now()}
    if kind not in STATES:
        return extras
    noun = {"Distribution": "distribution", "VpcOrigin": "vpcorigin"}[kind]
    arn = f"arn:aws:cloudfront::{context.account_id}:{noun}/{id_}"
    if kind == "VpcOrigin":
        return extras | {"Arn": arn, "Status": "Deployed", "CreatedTime": _now()}
    nobody = {"Enabled": False, "Quantity": 0}
    return extras | {
        "ARN": arn,
        "Status": "Deployed",
        "InProgressInvalidationBatches": 0,
        "DomainName": f"{id_.lower()}.cloudfront.net",
        "ActiveTrustedSigners": nobody,
        "ActiveTrustedKeyGroups": nobody,
    }


def _whole(kind: str, written: Request) -> Request:
    """AWS shows a distribution with every part, also those that were left out."""
    if kind != "Distribution":
        return written
    none = {"Quantity": 0}
    return {
        "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
        "CustomErrorResponses": none,
        "OriginGroups": none,
        "CacheBehaviors": none,
        "Aliases": none,
        "Staging": False,
        "ContinuousDeploymentPolicyId": "",
    } | written


def _now() -> datetime:
    return datetime.now(UTC)


def service() -> Service:
    return control_plane("cloudfront", CloudFront().operations(), on_moto=False)
