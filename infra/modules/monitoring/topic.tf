data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

resource "aws_sns_topic" "this" {
  name              = var.name
  display_name      = var.name
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.emails

  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = each.key
}

resource "aws_sns_topic_policy" "this" {
  arn    = aws_sns_topic.this.arn
  policy = data.aws_iam_policy_document.topic.json
}

# ElastiCache cannot publish to an encrypted topic, and only where the account is asked for as the topic's owner. So its
# events, which hold no secret, have a topic of their own.
resource "aws_sns_topic" "cache" {
  #checkov:skip=CKV_AWS_26:ElastiCache publishes to no encrypted topic; its events say which node did what.
  name         = "${var.name}-cache"
  display_name = "${var.name}-cache"
}

resource "aws_sns_topic_subscription" "cache" {
  for_each = var.emails

  topic_arn = aws_sns_topic.cache.arn
  protocol  = "email"
  endpoint  = each.key
}

resource "aws_sns_topic_policy" "cache" {
  arn    = aws_sns_topic.cache.arn
  policy = data.aws_iam_policy_document.cache_topic.json
}

data "aws_iam_policy_document" "cache_topic" {
  #checkov:skip=CKV_AWS_283:Whoever it is must act for this account, as the condition says.
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.cache.arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceOwner"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

# AWS's services publish for this account only; Image Builder as its service-linked role, which AWS makes with the
# first image: until then it can be no principal, so a condition names it.
data "aws_iam_policy_document" "topic" {
  #checkov:skip=CKV_AWS_283:Anybody is the principal where the condition leaves one role of this account.
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com", "events.rds.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }

  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this.arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalArn"
      values   = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder"]
    }
  }
}
