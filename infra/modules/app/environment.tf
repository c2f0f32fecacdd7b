# The API's configuration, which is in the launch template's user data: so a version of that is a program and its
# settings, and who goes back to one has both. No secret is in it: the script on the instance fetches those and puts both
# together in memory.

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
