"""ElastiCache: subnet and parameter groups, users, replication groups. Redis itself runs elsewhere.

Everything is there at once, and its state is `active` or `available`.
"""

from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.services.plugins import Service

from exstrat_extension.services.control_plane import Answer, Operation, control_plane, missing
from exstrat_extension.services.elasticache_shapes import (
    member_clusters,
    parameter_group,
    replication_group,
    subnet_group,
    user,
    user_group,
)

Request = dict[str, Any]

KINDS = {
    "CacheSubnetGroup": ("CacheSubnetGroupName", "CacheSubnetGroups", subnet_group),
    "CacheParameterGroup": ("CacheParameterGroupName", "CacheParameterGroups", parameter_group),
    "User": ("UserId", "Users", user),
    "UserGroup": ("UserGroupId", "UserGroups", user_group),
    "ReplicationGroup": ("ReplicationGroupId", "ReplicationGroups", replication_group),
}
"""Each kind: the field that names one, the list that shows all, and what AWS shows of a request."""

BARE = {"User", "UserGroup"}
"""Whose answers are the thing itself, not a field that holds it."""


class ElastiCache:
    def __init__(self) -> None:
        self._things: dict[str, dict[str, Answer]] = {kind: {} for kind in KINDS}
        self._tags: dict[str, dict[str, str]] = {}
        self._parameters: dict[str, dict[str, str]] = {}

    def operations(self) -> dict[str, Operation]:
        table: dict[str, Operation] = {
            "ModifyCacheParameterGroup": self._modify_parameters,
            "DescribeCacheParameters": self._describe_parameters,
            "DescribeCacheClusters": self._describe_clusters,
            "ListTagsForResource": self._list_tags,
            "AddTagsToResource": self._add_tags,
        }
        for kind, (key, many, _) in KINDS.items():
            table[f"Create{kind}"] = self._create(kind)
            table[f"Describe{many}"] = self._describe(kind)
            table.setdefault(f"Modify{kind}", self._modify(kind, key))
            table[f"Delete{kind}"] = self._delete(kind, key)
        return table

    def _create(self, kind: str) -> Operation:
        key, _, shown = KINDS[kind]

        def create(context: RequestContext, request: Request) -> Answer:
            name = request[key]
            if name in self._things[kind]:
                raise CommonServiceException(f"{kind}AlreadyExists", f"{name} exists.", 400, True)
            thing = shown(request) | {"ARN": _arn(context, kind, name)}
            self._things[kind][name] = thing
            tags = {tag["Key"]: tag.get("Value", "") for tag in request.get("Tags", [])}
            self._tags[thing["ARN"]] = tags
            return _answer(kind, thing)

        return create

    def _describe(self, kind: str) -> Operation:
        key, many, _ = KINDS[kind]

        def describe(context: RequestContext, request: Request) -> Answer:
            if key in request:
                return {many: [self._find(kind, request[key])]}
            return {many: list(self._things[kind].values())}

        return describe

    def _modify(self, kind: str, key: str) -> Operation:
        _, _, shown = KINDS[kind]

        def modify(context: RequestContext, request: Request) -> Answer:
            thing = self._find(kind, request[key])
            thing.update({field: value for field, value in shown(request).items() if value})
            return _answer(kind, thing)

        return modify

    def _delete(self, kind: str, key: str) -> Operation:
        def delete(context: RequestContext, request: Request) -> Answer:
            thing = self._find(kind, request[key])
            del self._things[kind][request[key]]
            return _answer(kind, thing | {"Status": "deleting"})

        return delete

    def _modify_parameters(self, context: RequestContext, request: Request) -> Answer:
        name = request["CacheParameterGroupName"]
        self._find("CacheParameterGroup", name)
        kept = self._parameters.setdefault(name, {})
        for parameter in request["ParameterNameValues"]:
            kept[parameter["ParameterName"]] = parameter["ParameterValue"]
        return {"CacheParameterGroupName": name}

    def _describe_parameters(self, context: RequestContext, request: Request) -> Answer:
        name = request["CacheParameterGroupName"]
        self._find("CacheParameterGroup", name)
        kept = self._parameters.get(name, {}).items()
        shown = [{"ParameterName": n, "ParameterValue": v, "Source": "user"} for n, v in kept]
        return {"Parameters": shown}

    def _describe_clusters(self, context: RequestContext, request: Request) -> Answer:
        groups = self._things["ReplicationGroup"].values()
        clusters = [cluster for group in groups for cluster in member_clusters(group)]
        wanted = request.get("CacheClusterId")
        found = [c for c in clusters if wanted in (None, c["CacheClusterId"])]
        if wanted and not found:
            raise missing("CacheClusterNotFound", wanted)
        return {"CacheClusters": found}

    def _list_tags(self, context: RequestContext, request: Request) -> Answer:
        tags = self._tags.get(request["ResourceName"], {})
        return {"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _add_tags(self, context: RequestContext, request: Request) -> Answer:
        tags = self._tags.setdefault(request["ResourceName"], {})
        tags.update({tag["Key"]: tag.get("Value", "") for tag in request["Tags"]})
        return self._list_tags(context, request)

    def _find(self, kind: str, name: str) -> Answer:
        if name not in self._things[kind]:
            code = (
                "ReplicationGroupNotFoundFault" if kind == "ReplicationGroup" else f"{kind}NotFound"
            )
            raise missing(code, name)
        return self._things[kind][name]


def _answer(kind: str, thing: Answer) -> Answer:
    return thing if kind in BARE else {kind: thing}


def _arn(context: RequestContext, kind: str, name: str) -> str:
    noun = {"CacheSubnetGroup": "subnetgroup", "CacheParameterGroup": "parametergroup"}
    where = f"{context.region}:{context.account_id}"
    return f"arn:aws:elasticache:{where}:{noun.get(kind, kind.lower())}:{name}"


def service() -> Service:
    return control_plane("elasticache", ElastiCache().operations(), on_moto=False)
