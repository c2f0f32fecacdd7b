# A small group whose size nobody changes: AWS replaces an instance that dies, in another zone if need be. A changed
# configuration needs no new instance: the daemons look for it every minute.

locals {
  user_data = templatefile("${path.module}/instance/user_data.sh.tftpl", {
    release         = var.release
    region          = data.aws_region.current.name
    parameter       = aws_ssm_parameter.configuration.name
    database_host   = aws_db_instance.journal.address
    database_secret = aws_db_instance.journal.master_user_secret[0].secret_arn
    files = {
      "/usr/local/bin/controller-environment"                = filebase64("${path.module}/instance/controller-environment")
      "/etc/systemd/system/controller.service"               = filebase64("${path.module}/instance/controller.service")
      "/etc/systemd/system/controller-environment.service"   = filebase64("${path.module}/instance/controller-environment.service")
      "/etc/systemd/system/controller-environment.timer"     = filebase64("${path.module}/instance/controller-environment.timer")
      "/etc/logrotate.d/controller"                          = filebase64("${path.module}/instance/controller.logrotate")
      "/opt/aws/amazon-cloudwatch-agent/etc/controller.json" = base64encode(templatefile("${path.module}/instance/cloudwatch-agent.json.tftpl", { log_group = aws_cloudwatch_log_group.this.name }))
    }
  })
}

data "aws_ssm_parameter" "image" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${var.architecture}"
}

resource "aws_launch_template" "this" {
  name                   = "${var.name}-controller"
  description            = "controller ${var.release.version}"
  image_id               = nonsensitive(data.aws_ssm_parameter.image.value)
  instance_type          = var.instance_type
  vpc_security_group_ids = [var.security_group_ids.controller]
  update_default_version = true
  user_data              = base64gzip(local.user_data)

  iam_instance_profile {
    arn = aws_iam_instance_profile.this.arn
  }

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
    http_endpoint               = "enabled"
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = 8
      encrypted             = true
      kms_key_id            = var.kms_key_arn
      delete_on_termination = true
    }
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume"])

    content {
      resource_type = tag_specifications.key
      tags          = { Name = "${var.name}-controller", Release = var.release.version }
    }
  }
}

resource "aws_autoscaling_group" "this" {
  name                      = "${var.name}-controller"
  min_size                  = var.instances
  max_size                  = var.instances
  vpc_zone_identifier       = var.app_subnet_ids
  health_check_type         = "EC2"
  health_check_grace_period = 120
  default_instance_warmup   = 60
  max_instance_lifetime     = 30 * 86400 # s; a newer image, if an apply has found one since
  wait_for_capacity_timeout = "0"
  enabled_metrics           = ["GroupInServiceInstances"]

  instance_maintenance_policy {
    min_healthy_percentage = 100
    max_healthy_percentage = 150
  }

  launch_template {
    id      = aws_launch_template.this.id
    version = aws_launch_template.this.latest_version
  }

  # One after the other, the new one first.
  instance_refresh {
    strategy = "Rolling"

    preferences {
      min_healthy_percentage = 100
      max_healthy_percentage = 150
      instance_warmup        = 60
    }
  }

  tag {
    key                 = "Name"
    value               = "${var.name}-controller"
    propagate_at_launch = true
  }
}

# It sees instances, not daemons: one whose boot fails stops itself, so that the group never stays whole. That none leads
# is the heartbeat's alarm.
resource "aws_cloudwatch_metric_alarm" "alone" {
  alarm_name          = "${var.name}-controller-alone"
  alarm_description   = "Fewer daemons than there should be, so nobody may be there to take over. Runbook: \"Controller down\"."
  namespace           = "AWS/AutoScaling"
  metric_name         = "GroupInServiceInstances"
  dimensions          = { AutoScalingGroupName = aws_autoscaling_group.this.name }
  statistic           = "Minimum"
  period              = 60
  comparison_operator = "LessThanThreshold"
  threshold           = var.instances
  datapoints_to_alarm = 5
  evaluation_periods  = 15
  treat_missing_data  = "breaching"
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}/controller"
  retention_in_days = 365
  kms_key_id        = var.kms_key_arn
}
