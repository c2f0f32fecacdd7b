# The API's configuration, written here and read by each instance when it starts. No secret is in it: the script that
# reads it fetches those and puts both together in memory.

locals {
  # Of the dashboard's own latency and demand, every ten seconds: an early hint.
  api_namespace = "ExStrat/Api"

  environment = templatefile("${path.module}/instance/environment.tftpl", {
    app_port     = var.app_port
    fleet_max    = ceil(var.fleet.max * 1.2) # old and new instances at once, in a deploy
    cors_origins = join(",", var.cors_origins)
    name         = var.name
    namespace    = local.api_namespace
    connection   = var.connection
    region       = data.aws_region.current.name
    drain_grace  = "20s" # longer than three failed health checks, so that nothing new comes when it stops
  })
}

resource "aws_ssm_parameter" "environment" {
  #checkov:skip=CKV_AWS_337:It holds addresses, no secret.
  #checkov:skip=CKV2_AWS_34:It holds addresses, no secret.
  name        = "/${var.name}/api/environment"
  description = "What an instance of the API reads when it starts"
  type        = "String"
  value       = local.environment
}
