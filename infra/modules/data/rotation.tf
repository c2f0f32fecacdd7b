# Passwords that rotate. CloudFormation, because AWS offers its own rotation function for PostgreSQL only there, and
# takes a function's source as text only there.

locals {
  rotation_functions = { for of in concat(keys(local.rotated_by_aws), ["cache"]) : of => "${var.name}-${of}-rotation" }

  rotated_by_aws = {
    master = {
      secret_arn = aws_secretsmanager_secret.master.arn
      function   = { RotationType = "PostgreSQLSingleUser" }
    }
    database = {
      secret_arn = aws_secretsmanager_secret.this["database"].arn
      function = {
        RotationType             = "PostgreSQLMultiUser"
        SuperuserSecretArn       = aws_secretsmanager_secret.master.arn
        SuperuserSecretKmsKeyArn = var.kms_key_arn
      }
    }
  }
}

# Two users take turns, so what is open stays open: the other one's password is changed, then they swap. The master
# changes its own: no program uses it.
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
          RotateImmediatelyOnUpdate = false # the application's role does not exist before the runbook made it
          RotationRules             = { AutomaticallyAfterDays = var.rotation_days }
          HostedRotationLambda = merge(each.value.function, {
            RotationLambdaName  = local.rotation_functions[each.key]
            KmsKeyArn           = var.kms_key_arn
            VpcSubnetIds        = join(",", var.app_subnet_ids)
            VpcSecurityGroupIds = var.security_group_ids.rotation
            # Letters and digits only: the password stands in an address.
            ExcludeCharacters = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ "
          })
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
