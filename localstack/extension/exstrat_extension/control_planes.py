"""What Terraform's modules use beside the fleet: services that keep what they are told, and run nothing.

Entry points of `pyproject.toml`, like those of `plugins`, and imported as late.
"""

from localstack.services.plugins import Service, aws_provider


@aws_provider(api="budgets")
def budgets() -> Service:
    from exstrat_extension.services.control_plane import control_plane

    return control_plane("budgets", {}, on_moto=True)


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
    from exstrat_extension.services.control_plane import control_plane

    return control_plane("rds", {}, on_moto=True)


@aws_provider(api="wafv2")
def wafv2() -> Service:
    from exstrat_extension.services.control_plane import control_plane

    return control_plane("wafv2", {}, on_moto=True)
