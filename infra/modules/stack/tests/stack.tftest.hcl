# How the modules are wired. What each must be is in its own tests.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

mock_provider "aws" {
  alias           = "us_east_1"
  source          = "../../tests/mocks"
  override_during = plan
}

mock_provider "aws" {
  alias           = "recovery"
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  environment           = "prod"
  protect               = true
  domain                = { name = "app.example.com", zone_id = "Z0123456789ABC" }
  emails                = ["ops@example.com"]
  monthly_budget_usd    = 4000
  instance_usd_per_hour = 0.085
  network               = { zones = ["eu-west-3a", "eu-west-3b", "eu-west-3c"] }
  fleet                 = { min = 3, max = 40, instance_types = ["c7g.large"] }
  safety_net            = { requests_per_target_per_min = 2400 }
  database              = { instance_class = "db.r7g.xlarge", replica_class = "db.r7g.xlarge", max_connections = 1000 }
  cache                 = { node_type = "cache.r7g.large", shards = 2 }
  controller            = { policy = { error_budget = 0.01, boot = "90s" } }
  passwords             = { master = "zyxwvutsrqponmlkjihgfedcba", database_a = "abcdefghijklmnopqrstuvwxyz", database_b = "bcdefghijklmnopqrstuvwxyza", jwt = "0123456789012345678901234567890123456789" }
  releases = {
    bucket     = "releases"
    api        = { version = "1.2.3", key = "api", sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
    controller = { version = "1.2.3", key = "controller", sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
  }
}

# Else the primary would be as good.
override_resource {
  target          = module.data.aws_db_instance.replica
  override_during = plan
  values          = { address = "replica.internal" }
}

run "bad_values" {
  command = plan

  variables {
    environment = "test"
    protect     = false
  }

  expect_failures = [var.environment]
}

run "a_misspelt_pause_is_not_passed_over" {
  command = plan

  variables {
    controller = { policy = { paused = "all" } }
  }

  expect_failures = [var.controller]
}

run "prod_is_not_unprotected_by_one_word" {
  command = plan

  variables {
    protect = false
  }

  expect_failures = [var.protect]
}

run "nor_what_stands_in_for_it" {
  command = plan

  variables {
    environment         = "recovery"
    protect             = false
    confirm_unprotected = "prod"
    restore_from        = "arn:aws:rds:eu-west-3:000000000000:auto-backup:ab-0123456789abcdef"
  }

  expect_failures = [var.protect]
}

run "recovery_does_not_begin_empty" {
  command = plan

  variables {
    environment = "recovery"
  }

  expect_failures = [var.restore_from]
}

run "wired" {
  command = plan

  variables {
    cors_origins = ["https://beta.example.com"]
  }

  assert {
    condition     = strcontains(output.controller_configuration, "name = \"exstrat-prod\"") && strcontains(output.controller_configuration, "load_balancer = \"app/test/0123456789abcdef\"") && strcontains(output.controller_configuration, "error_budget = 0.01\n")
    error_message = "The controller must be told of the group, the load balancer and its policy."
  }

  assert {
    condition     = strcontains(output.api_environment, "PRIMARY_HOST=proxy.internal\n") && strcontains(output.api_environment, "REPLICA_HOST=replica.internal\n") && strcontains(output.api_environment, "CACHE_HOST=redis.internal\n")
    error_message = "The API must be told of the proxy, the replica and Redis."
  }

  assert {
    condition     = strcontains(output.api_environment, "CORS_ORIGINS=https://beta.example.com\n")
    error_message = "The API must be told which pages elsewhere may use it."
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "The environment's key must rotate, and be hard to lose."
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.key.statement : statement.sid => flatten([for only in statement.condition : [only.test, only.variable, only.values]]) if one(statement.principals).type == "Service" } == {
      LogsEncrypt         = ["ArnLike", "kms:EncryptionContext:aws:logs:arn", "arn:aws:logs:eu-west-3:000000000000:log-group:*"]
      AlarmsReachTheTopic = ["StringEquals", "aws:SourceAccount", "000000000000"]
    }
    error_message = "AWS's services may use the environment's key for this account alone."
  }

  # The account as principal would only hand on to IAM, where a service-linked role has no right to our key.
  assert {
    condition = {
      for statement in data.aws_iam_policy_document.key.statement : statement.sid => {
        for condition in statement.condition : condition.variable => one(condition.values)
      } if anytrue([for principal in statement.principals : contains(principal.identifiers, "*")])
      } == {
      AutoScalingLaunches = {
        "kms:CallerAccount" = "000000000000", "aws:PrincipalArn" = "arn:aws:iam::000000000000:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
      }
      AutoScalingLendsDisksTheKey = {
        "kms:CallerAccount"         = "000000000000", "aws:PrincipalArn" = "arn:aws:iam::000000000000:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
        "kms:GrantIsForAWSResource" = "true"
      }
      ImageBuilderReachesTheTopic = {
        "kms:CallerAccount" = "000000000000", "aws:PrincipalArn" = "arn:aws:iam::000000000000:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder"
      }
    }
    error_message = "Auto Scaling's and Image Builder's own roles, and nobody else, must have the key from the key itself."
  }

  assert {
    condition = alltrue([for statement in data.aws_iam_policy_document.key.statement :
      one(statement.principals).identifiers == toset(["arn:aws:iam::000000000000:root"]) == contains(statement.actions, "kms:*")
    ])
    error_message = "The account may administer, and that alone may be granted to it."
  }
}
