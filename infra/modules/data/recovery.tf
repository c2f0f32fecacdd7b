# The backups once more in another region, for the day on which this one is lost (RUNBOOK.md, "The region is lost"). Their
# key is no environment's: the database that is made of them keeps it, and must outlive the one that they are of.

data "aws_region" "recovery" {
  provider = aws.recovery
}

data "aws_kms_alias" "backups" {
  provider = aws.recovery
  count    = length(var.recovery_region[*])

  name = "alias/exstrat-backups" # infra/state makes it
}

resource "aws_db_instance_automated_backups_replication" "this" {
  provider = aws.recovery
  count    = length(var.recovery_region[*])

  source_db_instance_arn = aws_db_instance.primary.arn
  kms_key_id             = data.aws_kms_alias.backups[0].target_key_arn
  retention_period       = min(7, var.database.backup_retention_days) # days; the whole span is kept at home

  lifecycle {
    precondition {
      condition     = var.recovery_region == data.aws_region.recovery.name && var.recovery_region != data.aws_region.current.name
      error_message = "recovery_region is \"${var.recovery_region}\"; the provider aws.recovery must be there (it is in ${data.aws_region.recovery.name}), and the database elsewhere (it is in ${data.aws_region.current.name})."
    }
  }
}

# Whoever names backups expects their data. A database that is there is never made anew, and no plan would say so.
check "made_from_what_is_named" {
  assert {
    condition     = var.restore_from == null ? true : contains(aws_db_instance.primary.restore_to_point_in_time[*].source_db_instance_automated_backups_arn, var.restore_from)
    error_message = "The database that is there was not made from restore_from, and stays as it is: nothing is restored."
  }
}
