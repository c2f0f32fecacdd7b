"""What ElastiCache shows of what was asked for."""

from typing import Any

Request = dict[str, Any]
Shown = dict[str, Any]


def subnet_group(request: Request) -> Shown:
    return {
        "CacheSubnetGroupName": request["CacheSubnetGroupName"],
        "CacheSubnetGroupDescription": request.get("CacheSubnetGroupDescription", ""),
        "VpcId": "",
        "Subnets": [{"SubnetIdentifier": subnet} for subnet in request.get("SubnetIds", [])],
    }


def parameter_group(request: Request) -> Shown:
    return {
        "CacheParameterGroupName": request["CacheParameterGroupName"],
        "CacheParameterGroupFamily": request.get("CacheParameterGroupFamily"),
        "Description": request.get("Description"),
        "IsGlobal": False,
    }


def user(request: Request) -> Shown:
    mode = request.get("AuthenticationMode", {})
    passwords = mode.get("Passwords", request.get("Passwords", []))
    kind = mode.get("Type") or ("password" if passwords else "no-password-required")
    return {
        "UserId": request["UserId"],
        "UserName": request.get("UserName"),
        "Status": "active",
        "Engine": request.get("Engine", "").lower(),
        "AccessString": request.get("AccessString"),
        "Authentication": {
            "Type": "no-password" if kind == "no-password-required" else kind,
            "PasswordCount": len(passwords),
        },
    }


def user_group(request: Request) -> Shown:
    return {
        "UserGroupId": request["UserGroupId"],
        "Status": "active",
        "Engine": request.get("Engine", "").lower(),
        "UserIds": request.get("UserIds", []),
    }


def replication_group(request: Request) -> Shown:
    name = request["ReplicationGroupId"]
    encrypted = request.get("TransitEncryptionEnabled", False)
    shards = _shards(name, request.get("NumNodeGroups", 1), request.get("ReplicasPerNodeGroup", 0))
    return {
        "ReplicationGroupId": name,
        "Description": request.get("ReplicationGroupDescription"),
        "Status": "available",
        "PendingModifiedValues": {},
        "MemberClusters": [m["CacheClusterId"] for s in shards for m in s["NodeGroupMembers"]],
        "NodeGroups": shards,
        "AutomaticFailover": _switch(request.get("AutomaticFailoverEnabled")),
        "MultiAZ": _switch(request.get("MultiAZEnabled")),
        "ConfigurationEndpoint": {"Address": f"clustercfg.{name}.local", "Port": 6379},
        "SnapshotRetentionLimit": request.get("SnapshotRetentionLimit", 0),
        "SnapshotWindow": request.get("SnapshotWindow"),
        "ClusterEnabled": True,
        "CacheNodeType": request.get("CacheNodeType"),
        "AuthTokenEnabled": False,
        "TransitEncryptionEnabled": encrypted,
        "TransitEncryptionMode": request.get("TransitEncryptionMode", "required")
        if encrypted
        else None,
        "AtRestEncryptionEnabled": request.get("AtRestEncryptionEnabled", False),
        "KmsKeyId": request.get("KmsKeyId"),
        "UserGroupIds": request.get("UserGroupIds", []),
        "LogDeliveryConfigurations": [
            log | {"Status": "active"} for log in request.get("LogDeliveryConfigurations", [])
        ],
        "AutoMinorVersionUpgrade": request.get("AutoMinorVersionUpgrade", True),
        "NetworkType": "ipv4",
        "IpDiscovery": "ipv4",
        "ClusterMode": "enabled",
        "Engine": request.get("Engine", "redis"),
        "Asked": request,
    }


def member_clusters(group: Shown) -> list[Shown]:
    """The nodes of a replication group, each a cluster of its own in ElastiCache's eyes."""
    asked = group["Asked"]
    topic = {"TopicArn": asked.get("NotificationTopicArn"), "TopicStatus": "active"}
    groups = asked.get("SecurityGroupIds", [])
    return [
        {
            "CacheClusterId": name,
            "CacheNodeType": group["CacheNodeType"],
            "Engine": group["Engine"],
            "EngineVersion": f"{asked.get('EngineVersion', '7.1')}.0",
            "CacheClusterStatus": "available",
            "NumCacheNodes": 1,
            "PreferredMaintenanceWindow": asked.get("PreferredMaintenanceWindow"),
            "NotificationConfiguration": topic if topic["TopicArn"] else None,
            "SecurityGroups": [{"SecurityGroupId": g, "Status": "active"} for g in groups],
            "CacheParameterGroup": {
                "CacheParameterGroupName": asked.get("CacheParameterGroupName"),
                "ParameterApplyStatus": "in-sync",
            },
            "CacheSubnetGroupName": asked.get("CacheSubnetGroupName"),
            "AutoMinorVersionUpgrade": group["AutoMinorVersionUpgrade"],
            "ReplicationGroupId": group["ReplicationGroupId"],
            "SnapshotRetentionLimit": group["SnapshotRetentionLimit"],
            "SnapshotWindow": group["SnapshotWindow"],
            "TransitEncryptionEnabled": group["TransitEncryptionEnabled"],
            "TransitEncryptionMode": group["TransitEncryptionMode"],
            "AtRestEncryptionEnabled": group["AtRestEncryptionEnabled"],
            "NetworkType": "ipv4",
            "IpDiscovery": "ipv4",
            "CacheNodes": [
                {
                    "CacheNodeId": "0001",
                    "CacheNodeStatus": "available",
                    "Endpoint": {"Address": f"{name}.local", "Port": 6379},
                }
            ],
        }
        for name in group["MemberClusters"]
    ]


def _shards(name: str, shards: int, replicas: int) -> list[Shown]:
    return [
        {
            "NodeGroupId": f"{shard:04}",
            "Status": "available",
            "Slots": f"{16384 * (shard - 1) // shards}-{16384 * shard // shards - 1}",
            "NodeGroupMembers": [
                {"CacheClusterId": f"{name}-{shard:04}-{node:03}", "CacheNodeId": "0001"}
                for node in range(1, replicas + 2)
            ],
        }
        for shard in range(1, shards + 1)
    ]


def _switch(on: bool | None) -> str:
    return "enabled" if on else "disabled"
