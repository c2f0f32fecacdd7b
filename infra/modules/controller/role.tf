# What the controller may do, in two lists. `scale` is what the daemon calls; `live` what its machine needs. The group's
# minimum and maximum are out of its reach: they bound the damage of anybody who takes it over.

resource "aws_iam_role" "this" {
  name               = "${var.name}-controller"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_instance_profile" "this" {
  name = "${var.name}-controller"
  role = aws_iam_role.this.name
}

resource "aws_iam_role_policy" "this" {
  for_each = {
    scale = data.aws_iam_policy_document.scale.json
    live  = data.aws_iam_policy_document.live.json
  }

  name   = each.key
  role   = aws_iam_role.this.id
  policy = each.value
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "scale" {
  #checkov:skip=CKV_AWS_356:AWS knows no resource for these calls; PutMetricData is held to one namespace.
  #checkov:skip=CKV_AWS_111:PutMetricData has no resource; it is held to one namespace.
  statement {
    sid       = "Observe"
    actions   = ["autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeScalingActivities", "cloudwatch:GetMetricData", "elasticloadbalancing:DescribeTargetGroups"]
    resources = ["*"]
  }

  statement {
    sid       = "Act"
    actions   = ["autoscaling:SetDesiredCapacity"]
    resources = [var.group.arn]
  }

  statement {
    sid       = "SayThatItLives"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = [var.group.heartbeat.namespace]
    }
  }
}

data "aws_iam_policy_document" "live" {
  #checkov:skip=CKV_AWS_356:Sessions have no resource.
  #checkov:skip=CKV_AWS_111:Sessions have no resource.
  statement {
    sid       = "Release"
    actions   = ["s3:GetObject"]
    resources = ["arn:${data.aws_partition.current.partition}:s3:::${var.release.bucket}/${var.release.key}"]
  }

  statement {
    sid       = "Configuration"
    actions   = ["ssm:GetParameter"]
    resources = [aws_ssm_parameter.configuration.arn]
  }

  statement {
    sid       = "Password"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_db_instance.journal.master_user_secret[0].secret_arn]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt"] # to read the password
    resources = [var.kms_key_arn]
  }

  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }

  # A shell by Session Manager: no SSH, no key, no open port.
  statement {
    sid       = "Sessions"
    actions   = ["ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"]
    resources = ["*"]
  }
}
