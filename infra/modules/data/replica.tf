# The API reads here while it answers. Its address is its own: losing it costs speed, not service.
resource "aws_db_instance" "replica" {
  #checkov:skip=CKV2_AWS_69:rds.force_ssl is in the parameter group, in a dynamic block that the check does not read.
  #checkov:skip=CKV_AWS_157:The primary is its standby; the API falls back to it.
  #checkov:skip=CKV_AWS_133:Backups are the primary's.
  count = var.database.replica_class == null ? 0 : 1

  identifier                            = "${var.name}-replica"
  replicate_source_db                   = aws_db_instance.primary.identifier
  instance_class                        = var.database.replica_class
  storage_type                          = "gp3"
  storage_encrypted                     = true
  kms_key_id                            = aws_db_instance.primary.kms_key_id # AWS takes no other
  max_allocated_storage                 = var.database.max_storage_gib
  vpc_security_group_ids                = [var.security_group_ids.database]
  publicly_accessible                   = false
  parameter_group_name                  = aws_db_parameter_group.this.name
  iam_database_authentication_enabled   = true
  maintenance_window                    = "sun:04:30-sun:05:30"
  auto_minor_version_upgrade            = true
  copy_tags_to_snapshot                 = true
  deletion_protection                   = var.protect
  skip_final_snapshot                   = true
  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.kms_key_arn
  performance_insights_retention_period = 7
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn

  depends_on = [aws_cloudwatch_log_group.replica]

  lifecycle {
    ignore_changes = [engine_version, allocated_storage]
  }
}

# Made here, or RDS makes them: not encrypted by our key, and kept for ever.
resource "aws_cloudwatch_log_group" "replica" {
  for_each = toset(var.database.replica_class == null ? [] : ["postgresql", "upgrade"])

  name              = "/aws/rds/instance/${var.name}-replica/${each.key}"
  retention_in_days = 365
  kms_key_id        = var.kms_key_arn
}
