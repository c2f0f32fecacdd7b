resource "aws_db_subnet_group" "this" {
  name        = var.name
  description = "Subnets without a way out"
  subnet_ids  = var.data_subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-"
  description = "PostgreSQL of ${var.name}"
  family      = "postgres${split(".", var.database.engine_version)[0]}"

  dynamic "parameter" {
    for_each = {
      "rds.force_ssl"                       = "1"
      "rds.logical_replication"             = "1" # the way back to the old database during the cut-over
      "max_connections"                     = tostring(var.database.max_connections)
      "shared_preload_libraries"            = "pg_stat_statements"
      "log_min_duration_statement"          = "1000" # ms
      "log_statement"                       = "ddl"
      "idle_in_transaction_session_timeout" = "60000" # ms
    }
    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = contains(["rds.logical_replication", "max_connections", "shared_preload_libraries"], parameter.key) ? "pending-reboot" : "immediate"
    }
  }

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = var.database.max_connections >= 25 && var.database.max_connections <= local.connections_that_fit
      error_message = "database.max_connections is ${var.database.max_connections}; allowed is 25 to ${local.connections_that_fit}, what the smaller class's memory holds (AWS's formula: bytes / 9531392)."
    }
  }
}

locals {
  database_name = "exstrat"
}

# The master's password is in a secret of ours (secrets.tf). Not in one that RDS manages: RDS makes no replica of an
# instance that has one.
resource "aws_db_instance" "primary" {
  #checkov:skip=CKV2_AWS_69:rds.force_ssl is in the parameter group, in a dynamic block that the check does not read.
  #checkov:skip=CKV_AWS_157:Multi-AZ is on in staging and prod; dev may do without.
  identifier                            = var.name
  engine                                = "postgres"
  engine_version                        = var.database.engine_version
  instance_class                        = var.database.instance_class
  db_name                               = var.restore_from == null ? local.database_name : null # a restored one has it
  username                              = "exstrat_admin"
  password_wo                           = var.passwords.master
  password_wo_version                   = var.master_password_version
  iam_database_authentication_enabled   = true
  multi_az                              = var.database.multi_az
  storage_type                          = "gp3"
  storage_encrypted                     = true
  kms_key_id                            = var.restore_from == null ? var.kms_key_arn : null # a restored one has its backup's
  allocated_storage                     = var.database.storage_gib
  max_allocated_storage                 = var.database.max_storage_gib
  db_subnet_group_name                  = aws_db_subnet_group.this.name
  vpc_security_group_ids                = [var.security_group_ids.database]
  publicly_accessible                   = false
  parameter_group_name                  = aws_db_parameter_group.this.name
  backup_retention_period               = var.database.backup_retention_days
  backup_window                         = "02:00-02:45"
  maintenance_window                    = "sun:03:00-sun:04:00"
  auto_minor_version_upgrade            = true
  copy_tags_to_snapshot                 = true
  deletion_protection                   = var.protect
  skip_final_snapshot                   = !var.protect
  final_snapshot_identifier             = "${var.name}-last"
  delete_automated_backups              = !var.protect
  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.kms_key_arn
  performance_insights_retention_period = 7
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn

  dynamic "restore_to_point_in_time" {
    for_each = var.restore_from[*]

    content {
      source_db_instance_automated_backups_arn = restore_to_point_in_time.value
      use_latest_restorable_time               = true
    }
  }

  depends_on = [aws_cloudwatch_log_group.database]

  lifecycle {
    # Minor versions are AWS's to raise, storage grows by itself. The others say where the data came from when it was
    # made: to the provider each is a reason to make it anew, empty, and none of them is one.
    ignore_changes = [engine_version, allocated_storage, db_name, kms_key_id, restore_to_point_in_time]

    precondition {
      condition     = var.restore_from == null ? true : split(":", var.restore_from)[3] == data.aws_region.current.name
      error_message = "restore_from is a backup in ${try(split(":", var.restore_from)[3], "")}; allowed is one in ${data.aws_region.current.name}, where the database is to be."
    }
  }
}

resource "aws_cloudwatch_log_group" "database" {
  for_each = toset(["postgresql", "upgrade"])

  name              = "/aws/rds/instance/${var.name}/${each.key}"
  retention_in_days = 365
  kms_key_id        = var.kms_key_arn
}

resource "aws_db_event_subscription" "this" {
  name             = var.name
  sns_topic        = var.topic_arn
  source_type      = "db-instance"
  source_ids       = concat([aws_db_instance.primary.identifier], aws_db_instance.replica[*].identifier)
  event_categories = ["availability", "deletion", "failover", "failure", "low storage", "maintenance", "recovery"]
}

resource "aws_iam_role" "monitoring" {
  name               = "${var.name}-database-monitoring"
  assume_role_policy = data.aws_iam_policy_document.trust["monitoring.rds.amazonaws.com"].json
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

data "aws_partition" "current" {}

data "aws_iam_policy_document" "trust" {
  for_each = toset(["monitoring.rds.amazonaws.com", "rds.amazonaws.com"])

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [each.key]
    }
  }
}
