# What each environment is called: infra/tests/test_names.py compares the two plans, resource by resource.

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
  protect               = true
  emails                = ["ops@example.com"]
  monthly_budget_usd    = 4000
  instance_usd_per_hour = 0.085
  network               = { zones = ["eu-west-3a", "eu-west-3b"], interface_endpoints = ["ssm"] }
  cors_origins          = ["https://beta.example.com"]
  fleet                 = { min = 3, max = 40, instance_types = ["c7g.large"] }
  safety_net            = { requests_per_target_per_min = 2400 }
  database              = { instance_class = "db.r7g.xlarge", replica_class = "db.r7g.xlarge", max_connections = 1000 }
  cache                 = { node_type = "cache.r7g.large", shards = 2 }
  passwords             = { master = "zyxwvutsrqponmlkjihgfedcba", database_a = "abcdefghijklmnopqrstuvwxyz", database_b = "bcdefghijklmnopqrstuvwxyza", jwt = "0123456789012345678901234567890123456789" }
  releases = {
    bucket     = "releases"
    api        = { version = "1.2.3", key = "api", sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
    controller = { version = "1.2.3", key = "controller", sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
  }
}

run "prod" {
  command = plan

  variables {
    environment = "prod"
    domain      = { name = "app.example.com", zone_id = "Z0123456789ABC" }
  }

  assert {
    condition     = output.runbook.name == "exstrat-prod"
    error_message = "The environment names everything."
  }
}

run "recovery" {
  command = plan

  variables {
    environment  = "recovery"
    domain       = { name = "recovery.example.com", zone_id = "Z0123456789ABC" }
    restore_from = "arn:aws:rds:eu-west-3:000000000000:auto-backup:ab-0123456789abcdef"
  }

  override_data {
    target          = data.aws_region.current
    override_during = plan
    values          = { name = "eu-west-1" }
  }

  # The backup's, which no configuration tells.
  override_resource {
    target          = module.data.aws_db_instance.primary
    override_during = plan
    values          = { kms_key_id = "arn:aws:kms:eu-west-3:000000000000:key/backups" }
  }

  assert {
    condition     = output.runbook.name == "exstrat-recovery" && output.runbook.region == "eu-west-1"
    error_message = "The environment names everything, and the runbook's shell is where it is."
  }
}
