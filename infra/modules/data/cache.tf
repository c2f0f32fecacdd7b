resource "aws_elasticache_subnet_group" "this" {
  name        = var.name
  description = "Subnets without a way out"
  subnet_ids  = var.data_subnet_ids
}

resource "aws_elasticache_parameter_group" "this" {
  name        = "${var.name}-redis7"
  description = "Redis of ${var.name}"
  family      = "redis7"

  parameter {
    name  = "cluster-enabled"
    value = "yes"
  }

  # A cache: whatever was not asked for longest goes first.
  parameter {
    name  = "maxmemory-policy"
    value = "allkeys-lru"
  }
}

resource "aws_elasticache_replication_group" "this" {
  #checkov:skip=CKV_AWS_31:Users stand in for the one AUTH token: a token would be in the state, and could not be rotated alone.
  replication_group_id       = var.name
  description                = "Caches of the API"
  engine                     = "redis"
  engine_version             = var.cache.engine_version
  node_type                  = var.cache.node_type
  num_node_groups            = var.cache.shards
  replicas_per_node_group    = var.cache.replicas
  automatic_failover_enabled = true
  multi_az_enabled           = true
  port                       = 6379
  parameter_group_name       = aws_elasticache_parameter_group.this.name
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = [var.security_group_ids.cache]
  at_rest_encryption_enabled = true
  kms_key_id                 = var.kms_key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  user_group_ids             = [aws_elasticache_user_group.this.user_group_id]
  notification_topic_arn     = var.cache_topic_arn
  snapshot_retention_limit   = var.cache.snapshot_days
  snapshot_window            = "03:00-04:00"
  maintenance_window         = "sun:05:30-sun:06:30"
  auto_minor_version_upgrade = true
  apply_immediately          = false

  log_delivery_configuration {
    destination      = aws_cloudwatch_log_group.cache.name
    destination_type = "cloudwatch-logs"
    log_format       = "json"
    log_type         = "slow-log"
  }
}

resource "aws_cloudwatch_log_group" "cache" {
  name              = "/${var.name}/redis"
  retention_in_days = 365
  kms_key_id        = var.kms_key_arn
}

# Nobody is let in without a name.
resource "aws_elasticache_user" "default" {
  user_id       = "${var.name}-default"
  user_name     = "default"
  access_string = "off ~* -@all"
  engine        = "redis"

  authentication_mode {
    type = "no-password-required"
  }

  lifecycle {
    # ElastiCache calls it "no-password" when it is read.
    ignore_changes = [authentication_mode]
  }
}

# Made shut and without a password; the first rotation sets one and opens it. So no state ever holds a password.
resource "aws_elasticache_user" "api" {
  user_id       = "${var.name}-api"
  user_name     = "api"
  access_string = "off ~* -@all"
  engine        = "redis"

  authentication_mode {
    type = "no-password-required"
  }

  lifecycle {
    ignore_changes = [access_string, authentication_mode, no_password_required, passwords]
  }
}

resource "aws_elasticache_user_group" "this" {
  user_group_id = var.name
  engine        = "redis"
  user_ids      = [aws_elasticache_user.default.user_id, aws_elasticache_user.api.user_id]
}
