# Each bad value is refused, by the variable that it was given to.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

mock_provider "aws" {
  alias           = "recovery"
  source          = "../../tests/mocks"
  override_during = plan
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

run "bad_values" {
  command = plan

  variables {
    name               = "x"
    data_subnet_ids    = ["subnet-1"]
    app_subnet_ids     = []
    security_group_ids = { proxy = "1", database = "sg-2", cache = "sg-3", rotation = "sg-4" }
    kms_key_arn        = "key"
    topic_arn          = "topic"
    cache_topic_arn    = "topic"
    rotation_days      = 0
    jwt_secret_version = 1.5

    master_password_version = 0

    recovery_region = "Ireland"
    restore_from    = "arn:aws:rds:eu-west-3:000000000000:db:exstrat-prod"

    cache    = { node_type = "t4g.small" }
    database = { engine_version = "14.1", instance_class = "db.r7g.xlarge", max_connections = 1000 }
  }

  expect_failures = [
    var.name, var.data_subnet_ids, var.app_subnet_ids, var.security_group_ids, var.kms_key_arn, var.topic_arn,
    var.cache_topic_arn, var.rotation_days, var.jwt_secret_version, var.master_password_version,
    var.recovery_region, var.restore_from, var.cache, var.database,
  ]
}

run "no_failover_and_no_backup" {
  command = plan

  variables {
    cache     = { node_type = "cache.t4g.small", replicas = 0 }
    database  = { instance_class = "db.r7g.xlarge", max_connections = 1000, backup_retention_days = 0 }
    fleet     = { max_instances = 40, pool_size = 1 }
    passwords = { master = "short", database_a = "with/a:sign", database_b = "bcdefghijklmnopqrstuvwxyza", jwt = "short" }
  }

  expect_failures = [var.cache, var.database, var.passwords]
}

run "unknown_class_and_no_shard" {
  command = plan

  variables {
    cache    = { node_type = "cache.t4g.small", shards = 0 }
    database = { instance_class = "db.z9.huge", max_connections = 1000 }
  }

  expect_failures = [var.cache, var.database]
}

run "storage_beyond_its_maximum_and_a_pool_without_a_probe" {
  command = plan

  variables {
    fleet    = { max_instances = 40, pool_size = 1 }
    database = { instance_class = "db.r7g.xlarge", max_connections = 1000, storage_gib = 600 }
  }

  expect_failures = [var.database]
}

# 1000 connections, a tenth kept back, are 900; 150 instances and a fifth more are 180, with 4 each and one beside the
# pool 900.
run "connections_just_suffice" {
  command = plan

  variables {
    fleet = { max_instances = 150, pool_size = 4 }
  }
}

run "one_instance_too_many" {
  command = plan

  variables {
    fleet = { max_instances = 151, pool_size = 4 }
  }

  expect_failures = [var.fleet]
}

# 2 GiB hold 225 by AWS's formula: the replica is the smaller one.
run "more_connections_than_memory" {
  command = plan

  variables {
    database = { instance_class = "db.r7g.xlarge", replica_class = "db.t4g.small", max_connections = 226 }
    fleet    = { max_instances = 2, pool_size = 4 }
  }

  expect_failures = [aws_db_parameter_group.this]
}
