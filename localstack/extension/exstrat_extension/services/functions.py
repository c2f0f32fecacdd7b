"""Lambda functions, kept and never run: LocalStack's own Lambda needs Docker, and Python 3.12."""

import hashlib
import json
import uuid
from datetime import UTC, datetime
from typing import Any

from localstack.aws.api import RequestContext
from localstack.services.plugins import Service

from exstrat_extension.services.control_plane import Answer, Operation, control_plane, missing

Request = dict[str, Any]


class Functions:
    def __init__(self) -> None:
        self._functions: dict[str, Answer] = {}
        self._statements: dict[str, list[Request]] = {}

    def operations(self) -> dict[str, Operation]:
        return {
            "CreateFunction": self._create,
            "GetFunction": self._get,
            "GetFunctionConfiguration": self._get_configuration,
            "DeleteFunction": self._delete,
            "Invoke": self._invoke,
            "AddPermission": self._allow,
            "GetPolicy": self._policy,
            "RemovePermission": self._forbid,
            "ListTags": lambda context, request: {"Tags": {}},
        }

    def _create(self, context: RequestContext, request: Request) -> Answer:
        name = request["FunctionName"]
        source = json.dumps(request.get("Code", {}), default=repr).encode()
        where = f"{context.region}:{context.account_id}"
        kept = {key: value for key, value in request.items() if key not in ("Code", "Tags")}
        self._functions[name] = kept | {
            "FunctionArn": f"arn:aws:lambda:{where}:function:{name}",
            "CodeSha256": hashlib.sha256(source).hexdigest(),
            "CodeSize": len(source),
            "LastModified": datetime.now(UTC).isoformat(),
            "Version": "$LATEST",
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "Environment": request.get("Environment", {}),
        }
        return self._functions[name]

    def _get(self, context: RequestContext, request: Request) -> Answer:
        return {"Configuration": self._find(request), "Code": {}, "Tags": {}}

    def _get_configuration(self, context: RequestContext, request: Request) -> Answer:
        return self._find(request)

    def _delete(self, context: RequestContext, request: Request) -> Answer:
        del self._functions[self._find(request)["FunctionName"]]
        return {}

    def _invoke(self, context: RequestContext, request: Request) -> Answer:
        self._find(request)
        return {"StatusCode": 200, "Payload": b"null", "ExecutedVersion": "$LATEST"}

    def _allow(self, context: RequestContext, request: Request) -> Answer:
        name = self._find(request)["FunctionName"]
        statement = {"Sid": request["StatementId"], "Effect": "Allow"}
        statement |= {key: request[key] for key in ("Action", "Principal")}
        self._statements.setdefault(name, []).append(statement)
        return {"Statement": json.dumps(statement)}

    def _policy(self, context: RequestContext, request: Request) -> Answer:
        statements = self._statements.get(self._find(request)["FunctionName"], [])
        if not statements:
            raise missing("ResourceNotFoundException", "The policy")
        policy = {"Version": "2012-10-17", "Statement": statements}
        return {"Policy": json.dumps(policy), "RevisionId": str(uuid.uuid4())}

    def _forbid(self, context: RequestContext, request: Request) -> Answer:
        statements = self._statements.get(self._find(request)["FunctionName"], [])
        statements[:] = [s for s in statements if s["Sid"] != request["StatementId"]]
        return {}

    def _find(self, request: Request) -> Answer:
        name = request["FunctionName"].rsplit(":", 1)[-1]
        if name not in self._functions:
            raise missing("ResourceNotFoundException", request["FunctionName"])
        return self._functions[name]


def service() -> Service:
    return control_plane("lambda", Functions().operations(), on_moto=False)
