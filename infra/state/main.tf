# What outlives every environment of a region: the bucket of their states, and the key of backups that come from another
# region. Made once in each region, by hand, before everything else; in a workspace each, since their own states are
# local. Those may be lost: `terraform import` finds the bucket and the keys again.

terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region = var.region
}

variable "region" {
  description = "Where the bucket and the keys are: that of the environments whose states it holds."
  type        = string
  default     = "eu-west-3"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is \"${var.region}\"; it must look like eu-west-3."
  }
}

variable "bucket" {
  description = "The bucket's name; nobody in the world may have the same."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "bucket is \"${var.bucket}\"; allowed are 3 to 63 lower-case letters, digits, dots and hyphens."
  }
}

resource "aws_kms_key" "state" {
  #checkov:skip=CKV2_AWS_64:The default policy: who administers the account administers the key.
  description         = "Terraform's states"
  enable_key_rotation = true
}

# A database that is made from such a backup keeps its key: without it, the data is gone.
resource "aws_kms_key" "backups" {
  #checkov:skip=CKV2_AWS_64:The default policy: who administers the account administers the key.
  description         = "Copies of other regions' database backups, and the databases made from them"
  enable_key_rotation = true

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "backups" {
  name          = "alias/exstrat-backups" # modules/data/recovery.tf looks for it
  target_key_id = aws_kms_key.backups.key_id
}

resource "aws_s3_bucket" "state" {
  #checkov:skip=CKV_AWS_18:CloudTrail tells who read a state.
  #checkov:skip=CKV_AWS_144:Its versions are the copy; a region's loss needs no state of what was there.
  #checkov:skip=CKV2_AWS_61:States are small, and every version is worth keeping.
  #checkov:skip=CKV2_AWS_62:Nobody waits for a state.
  bucket = var.bucket

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.state.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  bucket                  = aws_s3_bucket.state.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "state" {
  bucket = aws_s3_bucket.state.id
  policy = data.aws_iam_policy_document.state.json

  depends_on = [aws_s3_bucket_public_access_block.state]
}

data "aws_iam_policy_document" "state" {
  statement {
    sid       = "OnlyByTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.state.arn, "${aws_s3_bucket.state.arn}/*"]

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

output "bucket" {
  description = "For terraform init -backend-config=bucket=..."
  value       = aws_s3_bucket.state.id
}
