"""Automated backups that RDS copies to another region: of what, under which key. No data is."""

import uuid
from datetime import UTC, datetime
from typing import Any

from localstack.aws.api import RequestContext
from localstack.services.moto import call_moto, call_moto_with_request
from moto.rds import models

from exstrat_extension.services.control_plane import Answer, Operation, missing

_COPIES: dict[tuple[str, str], dict[str, Answer]] = {}
"""By account and region, then by ARN."""


def operations() -> dict[str, Operation]:
    return {
        "StartDBInstanceAutomatedBackupsReplication": _start,
        "StopDBInstanceAutomatedBackupsReplication": _stop,
        "DescribeDBInstanceAutomatedBackups": _describe,
        "RestoreDBInstanceToPointInTime": _restore,
    }


def _start(context: RequestContext, request: dict[str, Any]) -> Answer:
    source = request["SourceDBInstanceArn"]
    region, name = source.split(":")[3], source.split(":")[6]
    if name not in models.rds_backends[context.account_id][region].databases:
        raise missing("DBInstanceNotFound", source)
    # A set for each database that ever had the name, as RDS has one for each resource.
    id_ = uuid.uuid4().hex
    arn = f"arn:aws:rds:{context.region}:{context.account_id}:auto-backup:ab-{id_}"
    now = datetime.now(UTC)
    copy = {
        "DBInstanceAutomatedBackupsArn": arn,
        "DBInstanceArn": source,
        "DBInstanceIdentifier": name,
        "Region": region,
        "Status": "replicating",
        "Encrypted": "KmsKeyId" in request,
        "KmsKeyId": request.get("KmsKeyId"),
        "BackupRetentionPeriod": request.get("BackupRetentionPeriod", 7),
        "RestoreWindow": {"EarliestTime": now, "LatestTime": now},
    }
    _copies(context)[arn] = copy
    return {"DBInstanceAutomatedBackup": copy}


def _stop(context: RequestContext, request: dict[str, Any]) -> Answer:
    """What was copied stays, until its days are over."""
    source = request["SourceDBInstanceArn"]
    for copy in _copies(context).values():
        if (copy["DBInstanceArn"], copy["Status"]) == (source, "replicating"):
            copy["Status"] = "retained"
            return {"DBInstanceAutomatedBackup": copy}
    raise missing("DBInstanceNotFound", source)


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


def _restore(context: RequestContext, request: dict[str, Any]) -> Answer:
    """From a copy as moto restores from the source itself, which it looks for in its own region.

    As at RDS, the key is the copy's, whoever asks for it."""
    arn = request.get("SourceDBInstanceAutomatedBackupsArn")
    if arn is None:
        answer: Answer = call_moto(context)
        return answer
    if (copy := _copies(context).get(arn)) is None:
        raise missing("DBInstanceAutomatedBackupNotFound", arn)
    name, backends = copy["DBInstanceIdentifier"], models.rds_backends[context.account_id]
    here = backends[context.region].databases
    here[name] = backends[copy["Region"]].databases[name]
    try:
        call_moto_with_request(context, request | {"SourceDBInstanceIdentifier": name})
    finally:
        del here[name]
    restored = here[request["TargetDBInstanceIdentifier"]]
    restored.kms_key_id = copy["KmsKeyId"]
    # moto takes for a replica whatever is made from another one.
    restored.source_db_instance_identifier = None
    told = {"DBInstanceIdentifier": restored.db_instance_identifier, "KmsKeyId": copy["KmsKeyId"]}
    return {"DBInstance": told}


def _copies(context: RequestContext) -> dict[str, Answer]:
    return _COPIES.setdefault((context.account_id, context.region), {})
