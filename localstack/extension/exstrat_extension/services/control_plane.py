"""A LocalStack service that keeps what Terraform makes, and runs nothing.

moto answers the operations that a service lacks. Every region is served, because what CloudFront
uses lives in us-east-1.
"""

from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext, ServiceRequest
from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.moto import call_moto
from localstack.services.plugins import Service

Answer = dict[str, Any]
Operation = Callable[[RequestContext, dict[str, Any]], Answer]


def control_plane(name: str, operations: Mapping[str, Operation], *, on_moto: bool) -> Service:
    """`operations` are ours; the rest is moto's, or refused with 501 where it has none."""
    model = load_service(name)
    fallback = _ask_moto if on_moto else _refuse
    table = dict.fromkeys(model.operation_names, fallback) | dict(operations)
    return Service(name=name, skeleton=Skeleton(model, table))


def missing(code: str, what: str) -> CommonServiceException:
    return CommonServiceException(code, f"{what} does not exist.", 404, True)


def _ask_moto(context: RequestContext, request: ServiceRequest) -> Answer:
    answer: Answer = call_moto(context)
    return answer


def _refuse(context: RequestContext, request: ServiceRequest) -> Answer:
    operation = context.operation.name if context.operation else "?"
    raise CommonServiceException("NotImplemented", f"{operation} is not emulated.", 501)
