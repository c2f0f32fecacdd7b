# One script installs the API, whether an image is baked or an instance boots.

locals {
  install = templatefile("${path.module}/instance/install.sh.tftpl", {
    bucket = var.release.bucket
    key    = var.release.key
    sha256 = var.release.sha256
    files = {
      "/usr/local/bin/api-environment"                = filebase64("${path.module}/instance/api-environment")
      "/etc/systemd/system/api.service"               = filebase64("${path.module}/instance/api.service")
      "/etc/systemd/system/api-environment.service"   = filebase64("${path.module}/instance/api-environment.service")
      "/etc/systemd/system/api-environment.timer"     = filebase64("${path.module}/instance/api-environment.timer")
      "/etc/logrotate.d/api"                          = filebase64("${path.module}/instance/api.logrotate")
      "/opt/aws/amazon-cloudwatch-agent/etc/api.json" = base64encode(local.agent)
    }
  })

  agent = templatefile("${path.module}/instance/cloudwatch-agent.json.tftpl", { log_group = aws_cloudwatch_log_group.api.name })
}

resource "aws_cloudwatch_log_group" "api" {
  name              = "/${var.name}/api"
  retention_in_days = 365
  kms_key_id        = var.kms_key_arn
}
