"""Where LocalStack finds the extension: every entry point of `pyproject.toml` is here.

Imports stay inside the functions, because LocalStack loads this module before it is configured and
pays for what a service needs only when the service is first used.
"""

from localstack.runtime import hooks
from localstack.services.plugins import Service, aws_provider


@hooks.on_runtime_create()
def listen_on_loopback() -> None:
    """LocalStack in host mode listens on every interface, whatever GATEWAY_LISTEN says."""
    from localstack import config

    from exstrat_extension.loopback import bind_loopback, must_be_free

    for address in config.GATEWAY_LISTEN:
        must_be_free(address.port)
    bind_loopback()


@hooks.on_runtime_create()
def choose_metrics() -> None:
    """Two providers of one name would be a matter of luck, so ours has its own and is chosen."""
    from localstack import config

    config.SERVICE_PROVIDER_CONFIG.set_provider("cloudwatch", "exstrat")


@hooks.on_infra_start()
def serve_seam() -> None:
    """GET /_fleet and POST /_fleet/facts; GET /_calls, and who may call."""
    from localstack.aws import handlers
    from localstack.services.edge import ROUTER

    from exstrat_extension.services import guard, seam

    ROUTER.add("/_fleet", seam.get_fleet, methods=["GET"])
    ROUTER.add("/_fleet/facts", seam.post_facts, methods=["POST"])
    ROUTER.add("/_calls", guard.get_calls, methods=["GET"])
    handlers.serve_custom_service_request_handlers.append(guard.guard)


@aws_provider(api="autoscaling")
def autoscaling() -> Service:
    from exstrat_extension.services.autoscaling import AutoScaling
    from exstrat_extension.services.home import HOME
    from exstrat_extension.services.moto_backed import service_for

    return service_for(AutoScaling(HOME))


@aws_provider(api="elbv2")
def elbv2() -> Service:
    from exstrat_extension.services.elbv2 import ElasticLoadBalancing
    from exstrat_extension.services.home import HOME
    from exstrat_extension.services.moto_backed import service_for

    return service_for(ElasticLoadBalancing(HOME))


@aws_provider(api="cloudwatch", name="exstrat")
def cloudwatch() -> Service:
    from exstrat_extension.services.cloudwatch import CloudWatch

    return Service.for_provider(CloudWatch())
