# What an instance of the API may do: read its own configuration and secrets, write its log and its metrics.

resource "aws_iam_role" "instance" {
  name               = "${var.name}-api"
  assume_role_policy = data.aws_iam_policy_document.ec2_trust.json
}

resource "aws_iam_instance_profile" "instance" {
  name = "${var.name}-api"
  role = aws_iam_role.instance.name
}

resource "aws_iam_role_policy" "instance" {
  name   = "serve"
  role   = aws_iam_role.instance.id
  policy = data.aws_iam_policy_document.instance.json
}

data "aws_iam_policy_document" "ec2_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "instance" {
  #checkov:skip=CKV_AWS_356:Sessions and metrics have no resource; metrics are held to two namespaces.
  #checkov:skip=CKV_AWS_111:Sessions have no resource.
  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = values(var.connection.secret_arns)
  }

  statement {
    sid       = "Decrypt"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]
  }

  dynamic "statement" {
    for_each = local.baked ? [] : ["boot"]

    content {
      sid       = "Release"
      actions   = ["s3:GetObject"]
      resources = [local.release_arn]
    }
  }

  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    resources = ["${aws_cloudwatch_log_group.api.arn}:*"]
  }

  statement {
    sid       = "Metrics"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["ExStrat/Instances", local.api_namespace]
    }
  }

  statement {
    sid       = "WhichGroup"
    actions   = ["ec2:DescribeTags"] # the agent's dimension
    resources = ["*"]
  }

  # A shell by Session Manager: no SSH, no key, no open port.
  statement {
    sid       = "Sessions"
    actions   = ["ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"]
    resources = ["*"]
  }
}

locals {
  release_arn = "arn:${data.aws_partition.current.partition}:s3:::${var.release.bucket}/${var.release.key}"
}

resource "aws_iam_role" "builder" {
  name               = "${var.name}-builder"
  assume_role_policy = data.aws_iam_policy_document.ec2_trust.json
}

resource "aws_iam_role_policy_attachment" "builder" {
  for_each = toset(["EC2InstanceProfileForImageBuilder", "AmazonSSMManagedInstanceCore"])

  role       = aws_iam_role.builder.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${each.key}"
}

resource "aws_iam_instance_profile" "builder" {
  name = "${var.name}-builder"
  role = aws_iam_role.builder.name
}

resource "aws_iam_role_policy" "builder" {
  name   = "fetch-the-release"
  role   = aws_iam_role.builder.id
  policy = data.aws_iam_policy_document.builder.json
}

data "aws_iam_policy_document" "builder" {
  statement {
    actions   = ["s3:GetObject"]
    resources = [local.release_arn]
  }

  statement {
    actions   = ["kms:Decrypt"] # the component's own text
    resources = [var.kms_key_arn]
  }
}
