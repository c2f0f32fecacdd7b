# The controller's configuration. Every name and ARN in it comes from what Terraform made.

locals {
  # Null: the daemon's own default.
  policy = { for key, value in var.policy : key => value if value != null }

  configuration = templatefile("${path.module}/instance/controller.toml.tftpl", {
    region = data.aws_region.current.name
    group  = var.group
    policy = local.policy
  })
}

resource "aws_ssm_parameter" "configuration" {
  #checkov:skip=CKV_AWS_337:It holds names and times, no secret.
  #checkov:skip=CKV2_AWS_34:It holds names and times, no secret.
  name        = "/${var.name}/controller/configuration"
  description = "controller.toml; the daemons read it when they start"
  type        = "String"
  value       = local.configuration
}

data "aws_region" "current" {}
data "aws_partition" "current" {}
