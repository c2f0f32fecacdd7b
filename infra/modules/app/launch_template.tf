locals {
  baked = var.release.install == "baked"
  # A changed configuration is a deploy like a changed program.
  user_data = templatefile("${path.module}/instance/user_data.sh.tftpl", {
    install  = local.baked ? "" : local.install
    settings = local.environment
  })
}

data "aws_ssm_parameter" "base_image" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${var.fleet.architecture}"
}

resource "aws_launch_template" "this" {
  name                   = var.name
  description            = "api ${var.release.version}"
  image_id               = local.baked ? data.aws_ami.api[0].id : nonsensitive(data.aws_ssm_parameter.base_image.value)
  instance_type          = var.fleet.instance_types[0]
  vpc_security_group_ids = [var.security_group_ids.app]
  update_default_version = true
  user_data              = base64encode(local.user_data)

  iam_instance_profile {
    arn = aws_iam_instance_profile.instance.arn
  }

  # Nothing that an instance runs for somebody else can fetch its credentials.
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
    http_endpoint               = "enabled"
    instance_metadata_tags      = "disabled"
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = var.fleet.disk_gib
      encrypted             = true
      kms_key_id            = var.kms_key_arn
      delete_on_termination = true
    }
  }

  monitoring {
    enabled = true # CPU every minute, as the roadmap's rules want it
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume"])

    content {
      resource_type = tag_specifications.key
      tags          = { Name = "${var.name}-api", Release = var.release.version }
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}
