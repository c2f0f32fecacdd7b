"""A LocalStack service whose operations are ours where we have them and moto's where we do not."""

from collections.abc import Callable

from localstack.aws.api import (
    CommonServiceException,
    RequestContext,
    ServiceRequest,
    ServiceResponse,
)
from localstack.aws.skeleton import Skeleton, create_dispatch_table
from localstack.aws.spec import load_service
from localstack.services.moto import call_moto
from localstack.services.plugins import Service

from exstrat_extension.services.home import ACCOUNT_ID, REGION

Handler = Callable[[RequestContext, ServiceRequest], ServiceResponse]


class MotoBacked:
    """`service` is the API's name; `forward` answers the operations that a subclass lacks."""

    service: str

    def forward(self, context: RequestContext, request: ServiceRequest) -> ServiceResponse:
        return call_moto(context)


def service_for(provider: MotoBacked) -> Service:
    """The service as LocalStack's plugins hand it over."""
    model = load_service(provider.service)
    table = dict.fromkeys(model.operation_names, provider.forward)
    table |= create_dispatch_table(provider)
    at_home = {operation: _at_home(answer) for operation, answer in table.items()}
    return Service(name=provider.service, skeleton=Skeleton(model, at_home))


def _at_home(answer: Handler) -> Handler:
    """Refuses other accounts and regions than the local cloud's one."""

    def answer_at_home(context: RequestContext, request: ServiceRequest) -> ServiceResponse:
        if (context.account_id, context.region) != (ACCOUNT_ID, REGION):
            raise CommonServiceException(
                "ValidationError",
                f"Found account {context.account_id} and region {context.region}; "
                f"the local cloud is account {ACCOUNT_ID} and region {REGION}.",
                400,
                True,
            )
        return answer(context, request)

    return answer_at_home
