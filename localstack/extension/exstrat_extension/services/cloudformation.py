"""LocalStack passes over CloudFormation's transform for rotation functions; here, the newer one."""

from localstack.services.cloudformation.engine.v2 import change_set_model_transform


def pass_over_rotation_functions() -> None:
    change_set_model_transform.SECRETSMANAGER_TRANSFORM = "AWS::SecretsManager-2024-09-16"
