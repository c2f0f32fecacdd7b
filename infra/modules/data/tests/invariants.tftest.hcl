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
  cache              = { node_type = "cache.t4g.small", shards = 2 }
  fleet              = { max_instances = 40, pool_size = 4 }
  passwords          = { master = "zyxwvutsrqponmlkjihgfedcba", database_a = "abcdefghijklmnopqrstuvwxyz", database_b = "bcdefghijklmnopqrstuvwxyza", jwt = "0123456789012345678901234567890123456789" }
}

override_resource {
  target          = aws_secretsmanager_secret.this["database_b"]
  override_during = plan
  values          = { arn = "arn:aws:secretsmanager:eu-west-3:000000000000:secret:database-b" }
}

override_resource {
  target          = aws_secretsmanager_secret.this["database_a"]
  override_during = plan
  values          = { arn = "arn:aws:secretsmanager:eu-west-3:000000000000:secret:database-a" }
}

override_resource {
  target          = aws_db_instance.replica
  override_during = plan
  values          = { address = "replica.internal" }
}

override_resource {
  target          = aws_secretsmanager_secret.master
  override_during = plan
  values          = { arn = "arn:aws:secretsmanager:eu-west-3:000000000000:secret:master" }
}

run "encrypted_private_and_doubled" {
  command = plan

  assert {
    condition = alltrue([for server in concat([aws_db_instance.primary], aws_db_instance.replica) :
      server.storage_encrypted && server.kms_key_id == var.kms_key_arn && server.performance_insights_kms_key_id == var.kms_key_arn
    ])
    error_message = "Databases must be encrypted with the environment's key."
  }

  assert {
    condition     = alltrue([for server in concat([aws_db_instance.primary], aws_db_instance.replica) : !server.publicly_accessible && server.deletion_protection])
    error_message = "Databases must not be public, nor easy to delete."
  }

  assert {
    condition     = aws_db_instance.primary.multi_az && aws_db_instance.primary.backup_retention_period >= 7 && !aws_db_instance.primary.skip_final_snapshot
    error_message = "The primary must have a standby, a week of backups and a last snapshot."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.at_rest_encryption_enabled && aws_elasticache_replication_group.this.transit_encryption_enabled && aws_elasticache_replication_group.this.transit_encryption_mode == "required" && aws_elasticache_replication_group.this.kms_key_id == var.kms_key_arn
    error_message = "Redis must be encrypted, stored with the environment's key and on the way."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.automatic_failover_enabled && aws_elasticache_replication_group.this.multi_az_enabled && aws_elasticache_replication_group.this.num_node_groups == 2
    error_message = "Redis must be a cluster that fails over to another zone."
  }

  assert {
    condition     = aws_db_proxy.this.require_tls && one([for p in aws_db_parameter_group.this.parameter : p.value if p.name == "rds.force_ssl"]) == "1"
    error_message = "PostgreSQL must refuse connections without TLS."
  }

  assert {
    condition     = alltrue([for secret in concat(values(aws_secretsmanager_secret.this), [aws_secretsmanager_secret.master]) : secret.kms_key_id == var.kms_key_arn])
    error_message = "Secrets must be encrypted with the environment's key."
  }

  # AWS withdraws minor versions, so a new environment takes the newest there is.
  assert {
    condition     = aws_db_instance.primary.engine_version == "17" && aws_db_parameter_group.this.family == "postgres17"
    error_message = "Unless told otherwise, the engine must be a major version alone."
  }

  # No password in a state.
  assert {
    condition     = aws_db_instance.primary.password == null && aws_db_instance.primary.password_wo_version == aws_secretsmanager_secret_version.master.secret_string_wo_version
    error_message = "The master's password must be written without a trace, and with its secret."
  }

  # RDS makes no replica of an instance whose password it manages itself.
  assert {
    condition     = length(aws_db_instance.replica) == 1 && !coalesce(aws_db_instance.primary.manage_master_user_password, false)
    error_message = "The master's secret must be ours, or there is no replica."
  }

  assert {
    condition     = !contains(values(output.connection.secret_arns), output.master_secret_arn) && output.master_secret_arn == aws_secretsmanager_secret.master.arn
    error_message = "No instance may read the master's password."
  }

  assert {
    condition     = length(aws_secretsmanager_secret_version.database) == 2 && alltrue([for version in concat(values(aws_secretsmanager_secret_version.database), [aws_secretsmanager_secret_version.master, aws_secretsmanager_secret_version.jwt, aws_secretsmanager_secret_version.prices]) : coalesce(version.secret_string, "none") == "none"])
    error_message = "Secrets must be written by the write-only argument."
  }

  assert {
    condition = alltrue([for user in [aws_elasticache_user.default, aws_elasticache_user.api] :
      startswith(user.access_string, "off ") && one(user.authentication_mode).type == "no-password-required"
    ])
    error_message = "Redis users must be made shut and without a password; the first rotation opens the API's."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.user_group_ids == toset([aws_elasticache_user_group.this.user_group_id]) && aws_elasticache_user_group.this.user_ids == toset(["exstrat-test-default", "exstrat-test-api"])
    error_message = "Redis must know these two users and nobody else, or it asks for no password."
  }

  # Passwords rotate.
  assert {
    condition     = jsondecode(aws_cloudformation_stack.database_rotation["master"].template_body).Resources.Rotation.Properties.RotationRules.AutomaticallyAfterDays == 30 && yamldecode(replace(aws_cloudformation_stack.cache_rotation.template_body, "/!(GetAtt|Ref|Sub) /", "")).Resources.Rotation.Properties.RotationRules.AutomaticallyAfterDays == 30
    error_message = "The master's password and Redis's must rotate every thirty days."
  }

  assert {
    condition     = alltrue([for stack in aws_cloudformation_stack.database_rotation : jsondecode(stack.template_body).Resources.Rotation.Properties.HostedRotationLambda.RotationType == "PostgreSQLSingleUser"]) && toset(keys(aws_cloudformation_stack.database_rotation)) == toset(["master", "database-a", "database-b"])
    error_message = "Each user must change its own password, and no other user may appear: the proxy knows one password of each."
  }

  # The months of the application's two users, in order: each month is one's.
  assert {
    condition = join(", ", sort(flatten([for of in ["database-a", "database-b"] : [
      for month in split(",", split(" ", jsondecode(aws_cloudformation_stack.database_rotation[of].template_body).Resources.Rotation.Properties.RotationRules.ScheduleExpression)[3]) : format("%02d %s", tonumber(month), of)
    ]]))) == join(", ", [for month in range(1, 13) : format("%02d %s", month, month % 2 == 1 ? "database-a" : "database-b")])
    error_message = "The two users must take turns, a month apart, so that the one in use is never rotated."
  }

  assert {
    condition = alltrue([for known in [
      toset([for user in aws_db_proxy.this.auth : user.secret_arn if user.auth_scheme == "SECRETS" && user.client_password_auth_type == "POSTGRES_SCRAM_SHA_256"]),
      toset(flatten([for statement in data.aws_iam_policy_document.proxy.statement : statement.resources if contains(statement.actions, "secretsmanager:GetSecretValue")])),
    ] : known == toset([for of in ["database_a", "database_b"] : output.connection.secret_arns[of]])])
    error_message = "The proxy must know both users, and read no other secret."
  }

  assert {
    condition     = yamldecode(replace(aws_cloudformation_stack.cache_rotation.template_body, "/!(GetAtt|Ref|Sub) /", "")).Resources.Function.Properties.Code.ZipFile == file("./rotation/cache.py")
    error_message = "The rotation's source must arrive as it is."
  }

  assert {
    condition     = alltrue([for of, stack in aws_cloudformation_stack.database_rotation : jsondecode(stack.template_body).Resources.Rotation.Properties.HostedRotationLambda.RotationLambdaName == output.rotation_functions[of]]) && yamldecode(replace(aws_cloudformation_stack.cache_rotation.template_body, "/!(GetAtt|Ref|Sub) /", "")).Resources.Function.Properties.FunctionName == output.rotation_functions.cache
    error_message = "The functions must have the names under which they are watched."
  }

  assert {
    condition = toset([for group in concat(values(aws_cloudwatch_log_group.database), values(aws_cloudwatch_log_group.replica)) : group.name if group.kms_key_id == var.kms_key_arn && group.retention_in_days == 365]) == toset(flatten([
      for server in concat([aws_db_instance.primary], aws_db_instance.replica) : [for log in server.enabled_cloudwatch_logs_exports : "/aws/rds/instance/${server.identifier}/${log}"]
    ]))
    error_message = "Each log of each database must have its group, encrypted and ending."
  }

  # Somebody hears of failovers.
  assert {
    condition     = aws_elasticache_replication_group.this.notification_topic_arn == var.cache_topic_arn && aws_db_event_subscription.this.sns_topic == var.topic_arn && contains(aws_db_event_subscription.this.event_categories, "failover") && aws_db_event_subscription.this.source_ids == toset(["exstrat-test", "exstrat-test-replica"])
    error_message = "Failovers of PostgreSQL and Redis must be told, each to the topic that it can reach."
  }

  # What is told to the others.
  assert {
    condition     = output.connection.primary_host == aws_db_proxy.this.endpoint && output.connection.replica_host == "replica.internal"
    error_message = "The API must reach the primary by the proxy, and the replica directly."
  }

  assert {
    condition     = output.cache_node_ids == ["exstrat-test-0001-001", "exstrat-test-0001-002", "exstrat-test-0002-001", "exstrat-test-0002-002"]
    error_message = "Two shards with a replica each are four nodes, by ElastiCache's names."
  }
}
