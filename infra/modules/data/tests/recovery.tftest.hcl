# Backups in another region, and a database that is made from them.

mock_provider "aws" {
  source = "../../tests/mocks"
}

mock_provider "aws" {
  alias  = "recovery"
  source = "../../tests/mocks"
}

variables {
  name               = "exstrat-test"
  data_subnet_ids    = ["subnet-1", "subnet-2"]
  app_subnet_ids     = ["subnet-3"]
  security_group_ids = { proxy = "sg-1", database = "sg-2", cache = "sg-3", rotation = "sg-4" }
  kms_key_arn        = "arn:aws:kms:eu-west-3:000000000000:key/test"
  topic_arn          = "arn:aws:sns:eu-west-3:000000000000:test"
  cache_topic_arn    = "arn:aws:sns:eu-west-3:000000000000:test-cache"
  database           = { instance_class = "db.r7g.xlarge", replica_class = "db.r7g.xlarge", max_connections = 1000 }
  cache              = { node_type = "cache.t4g.small" }
  fleet              = { max_instances = 40, pool_size = 4 }
  passwords          = { master = "zyxwvutsrqponmlkjihgfedcba", database_a = "abcdefghijklmnopqrstuvwxyz", database_b = "bcdefghijklmnopqrstuvwxyza", jwt = "0123456789012345678901234567890123456789" }
}

run "off" {
  command = plan

  assert {
    condition     = length(aws_db_instance_automated_backups_replication.this) == 0 && length(aws_db_instance.primary.restore_to_point_in_time) == 0
    error_message = "Unless told otherwise, nothing is kept elsewhere, and the database begins empty."
  }
}

run "backups_elsewhere" {
  variables {
    recovery_region = "eu-west-1"
  }

  override_data {
    target = data.aws_region.recovery
    values = { name = "eu-west-1" }
  }

  override_resource {
    target = aws_db_instance.primary
    values = { arn = "arn:aws:rds:eu-west-3:000000000000:db:exstrat-test" }
  }

  assert {
    condition = {
      for it in aws_db_instance_automated_backups_replication.this : it.source_db_instance_arn => [it.kms_key_id, it.retention_period]
    } == { (aws_db_instance.primary.arn) = [data.aws_kms_alias.backups[0].target_key_arn, 7] }
    error_message = "The primary's backups must be kept elsewhere for a week, under the key that is there for them."
  }
}

run "not_in_the_region_that_may_be_lost" {
  command = plan

  variables {
    recovery_region = "eu-west-3"
  }

  expect_failures = [aws_db_instance_automated_backups_replication.this]
}

run "not_where_the_provider_is_not" {
  command = plan

  variables {
    recovery_region = "eu-central-1"
  }

  override_data {
    target = data.aws_region.recovery
    values = { name = "eu-west-1" }
  }

  expect_failures = [aws_db_instance_automated_backups_replication.this]
}

run "a_backup_of_another_region_is_refused" {
  command = plan

  variables {
    restore_from = "arn:aws:rds:eu-west-1:000000000000:auto-backup:ab-0123456789abcdef"
  }

  expect_failures = [aws_db_instance.primary]
}

# A state of its own, since nothing below may have begun as an empty database.
run "made_from_a_backup" {
  state_key = "restored"

  variables {
    restore_from = "arn:aws:rds:eu-west-3:000000000000:auto-backup:ab-0123456789abcdef"
  }

  override_resource {
    target = aws_db_instance.primary
    values = { db_name = "", kms_key_id = "arn:aws:kms:eu-west-3:000000000000:key/backups", address = "db.internal" }
  }

  assert {
    condition = (
      one(aws_db_instance.primary.restore_to_point_in_time).source_db_instance_automated_backups_arn == var.restore_from &&
      one(aws_db_instance.primary.restore_to_point_in_time).use_latest_restorable_time
    )
    error_message = "The primary must be made from the backups, at their newest moment."
  }

  assert {
    condition     = aws_db_instance.primary.kms_key_id == "arn:aws:kms:eu-west-3:000000000000:key/backups" && aws_db_instance.primary.storage_encrypted
    error_message = "A restore takes no key and no name of a database: both are the backup's."
  }

  # AWS takes all of these in a restore; what it does not, the second apply brings.
  assert {
    condition = (
      aws_db_instance.primary.password_wo_version == 1 && aws_db_instance.primary.multi_az && aws_db_instance.primary.deletion_protection &&
      aws_db_instance.primary.db_subnet_group_name == aws_db_subnet_group.this.name && aws_db_instance.primary.parameter_group_name == aws_db_parameter_group.this.name
    )
    error_message = "It must have a new password, a standby, and its own network and parameters."
  }

  assert {
    condition     = alltrue([for replica in aws_db_instance.replica : replica.kms_key_id == aws_db_instance.primary.kms_key_id])
    error_message = "A replica must have its primary's key: AWS takes no other."
  }

  assert {
    condition     = output.connection.database == "exstrat"
    error_message = "The API must be told of the database by its name, whether AWS tells it of a restored instance or not."
  }
}

# Each of the three attributes would have the provider make the database anew, which a mock does not: so they must not
# change at all.
run "and_kept_when_that_is_not_said_any_more" {
  command   = plan
  state_key = "restored"

  assert {
    condition = [
      one(aws_db_instance.primary.restore_to_point_in_time[*].source_db_instance_automated_backups_arn), aws_db_instance.primary.kms_key_id, aws_db_instance.primary.db_name,
    ] == ["arn:aws:rds:eu-west-3:000000000000:auto-backup:ab-0123456789abcdef", "arn:aws:kms:eu-west-3:000000000000:key/backups", ""]
    error_message = "A database that was made from a backup must stay, whatever is said of backups later."
  }
}

run "begun_empty" {
  state_key = "empty"

  override_resource {
    target = aws_db_instance.primary
    values = { address = "db.internal" }
  }

  assert {
    condition     = aws_db_instance.primary.kms_key_id == var.kms_key_arn && aws_db_instance.primary.db_name == "exstrat"
    error_message = "A database that begins empty has the environment's key."
  }
}

run "and_kept_when_a_backup_is_named" {
  command   = plan
  state_key = "empty"

  variables {
    restore_from = "arn:aws:rds:eu-west-3:000000000000:auto-backup:ab-0123456789abcdef"
  }

  assert {
    condition     = aws_db_instance.primary.kms_key_id == var.kms_key_arn && aws_db_instance.primary.db_name == "exstrat" && length(aws_db_instance.primary.restore_to_point_in_time) == 0
    error_message = "A database that is there must stay: naming a backup restores nothing over it."
  }

  expect_failures = [check.made_from_what_is_named]
}

run "nor_when_another_backup_is_named" {
  command   = plan
  state_key = "restored"

  variables {
    restore_from = "arn:aws:rds:eu-west-3:000000000000:auto-backup:ab-fedcba9876543210"
  }

  expect_failures = [check.made_from_what_is_named]
}
