"""What Terraform's modules use beside the fleet: it is kept as told, and runs nothing.

Entry points of `pyproject.toml`, like those of `plugins`, and imported as late.
"""

from localstack.runtime import hooks
from localstack.services.plugins import Service, aws_provider


@hooks.on_runtime_create()
def choose_functions() -> None:
    """LocalStack has a Lambda of its own; ours has another name and is chosen."""
    from localstack import config

    config.SERVICE_PROVIDER_CONFIG.set_provider("lambda", "exstrat")


@hooks.on_infra_start()
def mend_localstack() -> None:
    from exstrat_extension.services.cloudformation import pass_over_rotation_functions
    from exstrat_extension.services.kms import work_on_python_3_11
    from exstrat_extension.services.launch_templates import mend_versions

    mend_versions()
    work_on_python_3_11()
    pass_over_rotation_functions()


@aws_provider(api="budgets")
def budgets() -> Service:
    from exstrat_extension.services import budgets

    return budgets.service()


@aws_provider(api="cloudfront")
def cloudfront() -> Service:
    from exstrat_extension.services import cloudfront

    return cloudfront.service()


@aws_provider(api="elasticache")
def elasticache() -> Service:
    from exstrat_extension.services import elasticache

    return elasticache.service()


@aws_provider(api="imagebuilder")
def imagebuilder() -> Service:
    from exstrat_extension.services import imagebuilder

    return imagebuilder.service()


@aws_provider(api="rds")
def rds() -> Service:
    from exstrat_extension.services import rds

    return rds.service()


@aws_provider(api="wafv2")
def wafv2() -> Service:
    from exstrat_extension.services.control_plane import control_plane

    return control_plane("wafv2", {}, on_moto=True)


@aws_provider(api="lambda", name="exstrat")
def functions() -> Service:
    from exstrat_extension.services import functions

    return functions.service()
