data "aws_caller_identity" "current" {}

locals {
  buckets = { assets = aws_s3_bucket.assets, logs = aws_s3_bucket.logs }

  distributions = "arn:${data.aws_partition.current.partition}:cloudfront::${data.aws_caller_identity.current.account_id}:distribution"
}

resource "aws_s3_bucket" "assets" {
  #checkov:skip=CKV_AWS_21:Versioned, with the other bucket, by `this` in assets.tf; the check does not follow for_each.
  #checkov:skip=CKV2_AWS_6:Closed to the public there too.
  #checkov:skip=CKV2_AWS_61:Has its lifecycle there too.
  #checkov:skip=CKV_AWS_18:CloudFront is the only reader, and logs.
  #checkov:skip=CKV_AWS_144:Built from the repository; the release can be put anywhere.
  #checkov:skip=CKV_AWS_145:Everybody may read these files; S3's own key encrypts them.
  #checkov:skip=CKV2_AWS_62:Nobody waits for an upload.
  bucket_prefix = "${var.name}-assets-"
  force_destroy = !var.protect
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.buckets

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.buckets

  bucket = each.value.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

# An upload that was wrong is undone by going back to the version before.
resource "aws_s3_bucket_versioning" "this" {
  for_each = local.buckets

  bucket = each.value.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = { assets = null, logs = 90 } # days; null: for ever

  bucket = local.buckets[each.key].id

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {}

    dynamic "expiration" {
      for_each = each.value == null ? [] : [each.value]

      content {
        days = expiration.value
      }
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_cloudfront_origin_access_control" "assets" {
  name                              = "${var.name}-assets"
  description                       = "CloudFront signs what it asks S3"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_s3_bucket_policy" "assets" {
  bucket = aws_s3_bucket.assets.id
  policy = data.aws_iam_policy_document.assets.json

  depends_on = [aws_s3_bucket_public_access_block.this]
}

data "aws_iam_policy_document" "assets" {
  statement {
    sid       = "ThisDistributionReads" # and that for which we stand in
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.assets.arn}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "AWS:SourceArn"
      values   = concat([aws_cloudfront_distribution.this.arn], [for id in var.stands_in_for[*] : "${local.distributions}/${id}"])
    }
  }

  statement {
    sid       = "NothingWithoutTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.assets.arn, "${aws_s3_bucket.assets.arn}/*"]

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
