# Passwords that rotate. CloudFormation, because AWS offers its own rotation function for PostgreSQL only there, and
# takes a function's source as text only there.

locals {
  rotation_functions = { for of in concat(keys(local.rotated_by_aws), ["cache"]) : of => "${var.name}-${of}-rotation" }

  # By secret: what rotates, and when.
  rotated_by_aws = merge(
    { for of, user in local.database_users : replace(of, "_", "-") => {
      secret_arn = aws_secretsmanager_secret.this[of].arn
      rules      = { ScheduleExpression = user.schedule, Duration = "2h" }
    } },
    { master = {
      secret_arn = aws_secretsmanager_secret.master.arn
      rules      = { AutomaticallyAfterDays = var.rotation_days }
    } },
  )
}

# Each user changes its own password while no program uses it.
resource "aws_cloudformation_stack" "database_rotation" {
  #checkov:skip=CKV_AWS_124:An alarm of the monitoring module's tells of a rotation that fails.
  for_each = local.rotated_by_aws

  name         = local.rotation_functions[each.key]
  capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
  template_body = jsonencode({
    AWSTemplateFormatVersion = "2010-09-09"
    Transform                = "AWS::SecretsManager-2024-09-16"
    Resources = {
      Rotation = {
        Type = "AWS::SecretsManager::RotationSchedule"
        Properties = {
          SecretId                  = each.value.secret_arn
          RotateImmediatelyOnUpdate = false # the application's users do not exist before the runbook made them
          RotationRules             = each.value.rules
          HostedRotationLambda = {
            RotationType        = "PostgreSQLSingleUser"
            RotationLambdaName  = local.rotation_functions[each.key]
            KmsKeyArn           = var.kms_key_arn
            VpcSubnetIds        = join(",", var.app_subnet_ids)
            VpcSecurityGroupIds = var.security_group_ids.rotation
            # Letters and digits only: the password stands in an address.
            ExcludeCharacters = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ "
          }
        }
      }
    }
  })

  depends_on = [aws_secretsmanager_secret_version.master, aws_secretsmanager_secret_version.database]
}

resource "aws_cloudformation_stack" "cache_rotation" {
  #checkov:skip=CKV_AWS_124:An alarm of the monitoring module's tells of a rotation that fails.
  name         = local.rotation_functions.cache
  capabilities = ["CAPABILITY_IAM"]
  template_body = templatefile("${path.module}/rotation/cache.yaml.tftpl", {
    function      = local.rotation_functions.cache
    secret_arn    = aws_secretsmanager_secret.this["cache"].arn
    kms_key_arn   = var.kms_key_arn
    user_arn      = aws_elasticache_user.api.arn
    user_id       = aws_elasticache_user.api.user_id
    user_name     = aws_elasticache_user.api.user_name
    rotation_days = var.rotation_days
    source        = file("${path.module}/rotation/cache.py")
  })
}
