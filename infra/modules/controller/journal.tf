# Apart from ExStrat's data on purpose: when that is slow, deciding must not be. RDS makes the password, rotates it
# every week, and no state has it. Its backups are copied to no other region: what is in it is learned again.

resource "aws_db_subnet_group" "journal" {
  name        = "${var.name}-journal"
  description = "Subnets without a way out"
  subnet_ids  = var.data_subnet_ids
}

resource "aws_db_parameter_group" "journal" {
  name_prefix = "${var.name}-journal-"
  description = "PostgreSQL of the controller"
  family      = "postgres${split(".", var.database.engine_version)[0]}"

  dynamic "parameter" {
    for_each = { "rds.force_ssl" = "1", "log_min_duration_statement" = "1000", "log_statement" = "ddl" }

    content {
      name  = parameter.key
      value = parameter.value
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "journal" {
  #checkov:skip=CKV2_AWS_69:rds.force_ssl is in the parameter group, in a dynamic block that the check does not read.
  #checkov:skip=CKV_AWS_157:Multi-AZ is on in staging and prod; dev may do without.
  #checkov:skip=CKV_AWS_353:Four statements in ten seconds need no insight.
  #checkov:skip=CKV_AWS_118:Nor a second look at the machine under it.
  #checkov:skip=CKV2_AWS_60:copy_tags_to_snapshot is set.
  identifier                          = "${var.name}-journal"
  engine                              = "postgres"
  engine_version                      = var.database.engine_version
  instance_class                      = var.database.instance_class
  db_name                             = "controller"
  username                            = "controller"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = var.kms_key_arn
  iam_database_authentication_enabled = true
  multi_az                            = var.database.multi_az
  storage_type                        = "gp3"
  storage_encrypted                   = true
  kms_key_id                          = var.kms_key_arn
  allocated_storage                   = 20
  max_allocated_storage               = 50
  db_subnet_group_name                = aws_db_subnet_group.journal.name
  vpc_security_group_ids              = [var.security_group_ids.journal]
  publicly_accessible                 = false
  parameter_group_name                = aws_db_parameter_group.journal.name
  backup_retention_period             = var.database.backup_retention_days
  maintenance_window                  = "sat:03:00-sat:04:00" # another day than the data's
  auto_minor_version_upgrade          = true
  copy_tags_to_snapshot               = true
  deletion_protection                 = var.protect
  skip_final_snapshot                 = !var.protect
  final_snapshot_identifier           = "${var.name}-journal-last"
  enabled_cloudwatch_logs_exports     = ["postgresql"]

  depends_on = [aws_cloudwatch_log_group.journal]

  lifecycle {
    ignore_changes = [engine_version, allocated_storage]
  }
}

resource "aws_cloudwatch_log_group" "journal" {
  name              = "/aws/rds/instance/${var.name}-journal/postgresql"
  retention_in_days = 365
  kms_key_id        = var.kms_key_arn
}

resource "aws_db_event_subscription" "journal" {
  name             = "${var.name}-journal"
  sns_topic        = var.topic_arn
  source_type      = "db-instance"
  source_ids       = [aws_db_instance.journal.identifier]
  event_categories = ["availability", "deletion", "failover", "failure", "low storage", "maintenance", "recovery"]
}

# Without it both daemons hold. RDS grows the storage when a tenth is free: at 1 GiB of 20 it did not.
resource "aws_cloudwatch_metric_alarm" "journal" {
  for_each = {
    cpu     = { says = "The journal's CPU is above 80 %: four statements in ten seconds cannot be why.", metric = "CPUUtilization", statistic = "Average", comparison = "GreaterThanThreshold", threshold = 80 }
    storage = { says = "Less than 1 GiB is free, and the journal's storage grows no further by itself.", metric = "FreeStorageSpace", statistic = "Minimum", comparison = "LessThanThreshold", threshold = 1024 * 1024 * 1024 }
  }

  alarm_name          = "${var.name}-journal-${each.key}"
  alarm_description   = each.value.says
  namespace           = "AWS/RDS"
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  dimensions          = { DBInstanceIdentifier = aws_db_instance.journal.identifier }
  period              = 60
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  datapoints_to_alarm = 10
  evaluation_periods  = 15
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]
}
