# CloudFront's access log, its second version: delivered by CloudWatch Logs into S3, set up in us-east-1.

resource "aws_s3_bucket" "logs" {
  #checkov:skip=CKV_AWS_21:Versioned, with the other bucket, by `this` in assets.tf; the check does not follow for_each.
  #checkov:skip=CKV2_AWS_6:Closed to the public there too.
  #checkov:skip=CKV2_AWS_61:Has its lifecycle there too.
  #checkov:skip=CKV_AWS_18:It is where access logs go; logging it would never end.
  #checkov:skip=CKV_AWS_144:Access logs are not worth a copy in another region.
  #checkov:skip=CKV_AWS_145:The delivery writes where S3's own key encrypts.
  #checkov:skip=CKV2_AWS_62:Nobody waits for a log file.
  bucket_prefix = "${var.name}-edge-"
  force_destroy = !var.protect
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = data.aws_iam_policy_document.logs.json

  depends_on = [aws_s3_bucket_public_access_block.this]
}

data "aws_iam_policy_document" "logs" {
  statement {
    sid       = "TheDeliveryWrites"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.logs.arn}/*"]

    principals {
      type        = "Service"
      identifiers = ["delivery.logs.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }

  statement {
    sid       = "NothingWithoutTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.logs.arn, "${aws_s3_bucket.logs.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_cloudwatch_log_delivery_source" "edge" {
  provider = aws.us_east_1

  name         = var.name
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.this.arn
}

resource "aws_cloudwatch_log_delivery_destination" "edge" {
  provider = aws.us_east_1

  name          = var.name
  output_format = "json"

  delivery_destination_configuration {
    destination_resource_arn = aws_s3_bucket.logs.arn
  }
}

resource "aws_cloudwatch_log_delivery" "edge" {
  provider = aws.us_east_1

  delivery_source_name     = aws_cloudwatch_log_delivery_source.edge.name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.edge.arn

  depends_on = [aws_s3_bucket_policy.logs]
}
