"""Automated backups that RDS copies to another region: of what, under which key. None is copied."""

import uuid
from typing import Any

from localstack.aws.api import RequestContext
from localstack.services.moto import call_moto
from moto.rds import models

from exstrat_extension.services.control_plane import Answer, Operation, missing

_COPIES: dict[tuple[str, str], dict[str, Answer]] = {}
"""By account and region, then by ARN."""


def operations() -> dict[str, Operation]:
    return {
        "StartDBInstanceAutomatedBackupsReplication": _start,
        "StopDBInstanceAutomatedBackupsReplication": _stop,
        "DescribeDBInstanceAutomatedBackups": _describe,
    }


def _start(context: RequestContext, request: dict[str, Any]) -> Answer:
    source = request["SourceDBInstanceArn"]
    region, name = source.split(":")[3], source.split(":")[6]
    if name not in models.rds_backends[context.account_id][region].databases:
        raise missing("DBInstanceNotFound", source)
    id_ = uuid.uuid5(uuid.NAMESPACE_URL, source).hex
    arn = f"arn:aws:rds:{context.region}:{context.account_id}:auto-backup:ab-{id_}"
    copy = {
        "DBInstanceAutomatedBackupsArn": arn,
        "DBInstanceArn": source,
        "DBInstanceIdentifier": name,
        "Region": region,
        "Status": "replicating",
        "Encrypted": "KmsKeyId" in request,
        "KmsKeyId": request.get("KmsKeyId"),
        "BackupRetentionPeriod": request.get("BackupRetentionPeriod", 7),
    }
    _copies(context)[arn] = copy
    return {"DBInstanceAutomatedBackup": copy}


def _stop(context: RequestContext, request: dict[str, Any]) -> Answer:
    """What was copied stays, until its days are over."""
    for copy in _copies(context).values():
        if copy["DBInstanceArn"] == request["SourceDBInstanceArn"]:
            copy["Status"] = "retained"
            return {"DBInstanceAutomatedBackup": copy}
    raise missing("DBInstanceNotFound", request["SourceDBInstanceArn"])


def _describe(context: RequestContext, request: dict[str, Any]) -> Answer:
    copies = _copies(context)
    if arn := request.get("DBInstanceAutomatedBackupsArn"):
        if arn not in copies:
            raise missing("DBInstanceAutomatedBackupNotFound", arn)
        return {"DBInstanceAutomatedBackups": [copies[arn]]}
    answer: Answer = call_moto(context)
    name = request.get("DBInstanceIdentifier")
    ours = [each for each in copies.values() if name in (None, each["DBInstanceIdentifier"])]
    return {"DBInstanceAutomatedBackups": [*answer.get("DBInstanceAutomatedBackups", []), *ours]}


def _copies(context: RequestContext) -> dict[str, Answer]:
    return _COPIES.setdefault((context.account_id, context.region), {})
