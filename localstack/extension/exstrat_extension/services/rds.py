"""RDS is moto's, cured of what Terraform stumbles over. Databases run elsewhere."""

import uuid
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.services.moto import call_moto
from localstack.services.plugins import Service
from moto.rds import models

from exstrat_extension.services import rds_backups
from exstrat_extension.services.control_plane import Answer, control_plane


def service() -> Service:
    _keys_are_localstacks()
    _each_instance_has_its_own_id()
    ours = {"CreateDBInstanceReadReplica": _replica, "DescribeDBParameters": _parameters}
    return control_plane("rds", ours | rds_backups.operations(), on_moto=True)


def _keys_are_localstacks() -> None:
    """moto looks for the secret's key in a KMS of its own, where no key of LocalStack's is."""
    models.MasterUserSecret.kms_key_id = property(lambda secret: secret.secret.kms_key_id)


def _each_instance_has_its_own_id() -> None:
    """moto gives all the same, so that who deletes a replica by it deletes the primary."""

    def own_id(instance: Any) -> str:
        name = uuid.uuid5(uuid.NAMESPACE_DNS, instance.db_instance_identifier)
        return f"db-{name.hex[:26].upper()}"

    models.DBInstance.dbi_resource_id = property(own_id, lambda instance, given: None)


def _replica(context: RequestContext, request: dict[str, Any]) -> Answer:
    """Refused, as by RDS, where RDS manages the primary's password; code and wording are ours."""
    databases = models.rds_backends[context.account_id][context.region].databases
    primary = databases.get(request["SourceDBInstanceIdentifier"])
    if primary is not None and primary.manage_master_user_password:
        problem = "The source's master password is managed by RDS: there is no read replica of it."
        raise CommonServiceException("InvalidParameterCombination", problem, 400, True)
    answer: Answer = call_moto(context)
    return answer


def _parameters(context: RequestContext, request: dict[str, Any]) -> Answer:
    """Those that were set: moto keeps them, and does not tell them."""
    call_moto(context)
    groups = models.rds_backends[context.account_id][context.region].db_parameter_groups
    kept = groups[request["DBParameterGroupName"]].parameters.values()
    return {"Parameters": [parameter | {"Source": "user"} for parameter in kept]}
