# One key an environment. Who administers the account administers the key; the services below use it for this account.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  iam     = "arn:${data.aws_partition.current.partition}:iam::${local.account}"

  # A key whose principal is the account only lets IAM's policies speak, and those of AWS's service-linked roles do not
  # name our key: they need it from the key itself. As a principal such a role would have to exist already; AWS makes it
  # with the first group or image. So anybody is the principal, and the conditions leave one role of this account.
  by_service_role = { for service, role in { autoscaling = "AutoScaling", imagebuilder = "ImageBuilder" } : service => {
    "kms:CallerAccount" = local.account
    "aws:PrincipalArn"  = "${local.iam}:role/aws-service-role/${service}.amazonaws.com/AWSServiceRoleFor${role}"
  } }
}

resource "aws_kms_key" "this" {
  description             = "Everything of ${local.name} that is kept"
  enable_key_rotation     = true
  deletion_window_in_days = var.protect ? 30 : 7
  policy                  = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "this" {
  name          = "alias/${local.name}"
  target_key_id = aws_kms_key.this.key_id
}

data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:A key's policy names the key by "*".
  #checkov:skip=CKV_AWS_111:A key's policy names the key by "*".
  #checkov:skip=CKV_AWS_356:A key's policy names the key by "*".
  #checkov:skip=CKV_AWS_283:Where anybody is the principal, the conditions leave one role of this account.
  statement {
    sid       = "TheAccountAdministers"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["${local.iam}:root"]
    }
  }

  statement {
    sid       = "LogsEncrypt"
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${data.aws_region.current.name}.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.name}:${local.account}:log-group:*"]
    }
  }

  statement {
    sid       = "AlarmsReachTheTopic"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com", "events.rds.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }

  # Auto Scaling launches instances with encrypted disks by itself; without these two, none ever starts.
  statement {
    sid       = "AutoScalingLaunches"
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    dynamic "condition" {
      for_each = local.by_service_role.autoscaling

      content {
        test     = "StringEquals"
        variable = condition.key
        values   = [condition.value]
      }
    }
  }

  statement {
    sid       = "AutoScalingLendsDisksTheKey"
    actions   = ["kms:CreateGrant"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    dynamic "condition" {
      for_each = merge(local.by_service_role.autoscaling, { "kms:GrantIsForAWSResource" = "true" })

      content {
        test     = condition.key == "kms:GrantIsForAWSResource" ? "Bool" : "StringEquals"
        variable = condition.key
        values   = [condition.value]
      }
    }
  }

  # Image Builder publishes as its service-linked role, not as a service.
  statement {
    sid       = "ImageBuilderReachesTheTopic"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    dynamic "condition" {
      for_each = local.by_service_role.imagebuilder

      content {
        test     = "StringEquals"
        variable = condition.key
        values   = [condition.value]
      }
    }
  }
}
