# An image with the release in it, so that an instance serves some tens of seconds after its launch: no download, no
# package manager, nothing that can fail in the middle of a surge. A new release is a new recipe, a new image, and a
# new version of the launch template. Where the base image has patches, the pipeline bakes it anew, once a week at
# most, and the next apply takes the newest.

locals {
  parent_image = "arn:${data.aws_partition.current.partition}:imagebuilder:${data.aws_region.current.name}:aws:image/amazon-linux-2023-${var.fleet.architecture == "arm64" ? "arm64" : "x86"}/x.x.x"

  # AWS changes no recipe, and takes no second one of the same name and version: all that is in one is in its name.
  image_name = "${var.name}-api-${substr(sha256(join("\n", [local.install, local.parent_image, var.fleet.disk_gib])), 0, 8)}"
}

data "aws_ami" "api" {
  count = local.baked ? 1 : 0

  owners      = ["self"]
  most_recent = true

  filter {
    name   = "name"
    values = ["${local.image_name}-*"]
  }

  depends_on = [aws_imagebuilder_image.api]
}

resource "aws_imagebuilder_component" "api" {
  count = local.baked ? 1 : 0

  name       = local.image_name
  platform   = "Linux"
  version    = var.release.version
  kms_key_id = var.kms_key_arn
  data = yamlencode({
    schemaVersion = 1.0
    phases = [
      { name = "build", steps = [{ name = "install", action = "ExecuteBash", inputs = { commands = [local.install] } }] },
      { name = "test", steps = [{ name = "runs", action = "ExecuteBash", inputs = { commands = ["/usr/local/bin/api --version"] } }] },
    ]
  })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_imagebuilder_image_recipe" "api" {
  count = local.baked ? 1 : 0

  name         = local.image_name
  version      = var.release.version
  parent_image = local.parent_image

  component {
    component_arn = aws_imagebuilder_component.api[0].arn
  }

  block_device_mapping {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = var.fleet.disk_gib
      encrypted             = true
      kms_key_id            = var.kms_key_arn
      delete_on_termination = true
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_imagebuilder_infrastructure_configuration" "api" {
  count = local.baked ? 1 : 0

  name                          = "${var.name}-api"
  instance_profile_name         = aws_iam_instance_profile.builder.name
  instance_types                = [var.fleet.instance_types[0]]
  subnet_id                     = var.subnet_ids[0]
  security_group_ids            = [var.security_group_ids.builder]
  sns_topic_arn                 = var.topic_arn
  terminate_instance_on_failure = true

  instance_metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}

resource "aws_imagebuilder_distribution_configuration" "api" {
  count = local.baked ? 1 : 0

  name = "${var.name}-api"

  distribution {
    region = data.aws_region.current.name

    ami_distribution_configuration {
      name       = "${local.image_name}-{{ imagebuilder:buildDate }}"
      kms_key_id = var.kms_key_arn
    }
  }
}

resource "aws_imagebuilder_image" "api" {
  count = local.baked ? 1 : 0

  image_recipe_arn                 = aws_imagebuilder_image_recipe.api[0].arn
  infrastructure_configuration_arn = aws_imagebuilder_infrastructure_configuration.api[0].arn
  distribution_configuration_arn   = aws_imagebuilder_distribution_configuration.api[0].arn

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_imagebuilder_image_pipeline" "api" {
  count = local.baked ? 1 : 0

  name                             = "${var.name}-api"
  description                      = "Every week: the same release on a patched base"
  image_recipe_arn                 = aws_imagebuilder_image_recipe.api[0].arn
  infrastructure_configuration_arn = aws_imagebuilder_infrastructure_configuration.api[0].arn
  distribution_configuration_arn   = aws_imagebuilder_distribution_configuration.api[0].arn

  schedule {
    schedule_expression                = "cron(0 4 ? * mon *)"
    pipeline_execution_start_condition = "EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE"
  }
}
