# Each bad value is refused, by the variable that it was given to.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name               = "exstrat-test"
  vpc_id             = "vpc-1"
  subnet_ids         = ["subnet-1", "subnet-2"]
  security_group_ids = { balancer = "sg-1", app = "sg-2", builder = "sg-3" }
  kms_key_arn        = "arn:aws:kms:eu-west-3:000000000000:key/test"
  certificate_arn    = "arn:aws:acm:eu-west-3:000000000000:certificate/test"
  topic_arn          = "arn:aws:sns:eu-west-3:000000000000:test"
  fleet              = { min = 2, max = 20, instance_types = ["c7g.large"] }
  safety_net         = { requests_per_target_per_min = 2400 }
  release            = { version = "1.2.3", bucket = "releases", key = "api", sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
  connection = {
    primary_host = "proxy.internal", replica_host = "replica.internal", port = 5432, database = "exstrat", pool_size = 4, rotation_days = 30
    cache_host   = "redis.internal", cache_port = 6379
    secret_arns  = { for of in ["database_a", "database_b", "cache", "jwt", "prices"] : of => "arn:aws:secretsmanager:eu-west-3:000000000000:secret:${of}" }
  }
}

run "bad_values" {
  command = plan

  variables {
    name       = "a-name-that-is-far-too-long-for-a-target-group"
    vpc_id     = "1"
    app_port   = 80
    subnet_ids = ["subnet-1"]

    security_group_ids = { balancer = "1", app = "sg-2", builder = "sg-3" }

    connection = {
      primary_host = "proxy.internal", port = 5432, database = "exstrat", pool_size = 1, rotation_days = 30
      cache_host   = "redis.internal", cache_port = 6379
      secret_arns  = { database_a = "password", database_b = "password", cache = "password", jwt = "secret", prices = "key" }
    }

    kms_key_arn     = "key"
    certificate_arn = "certificate"
    topic_arn       = "topic"
    cors_origins    = ["https://app.example.com/"]
    fleet           = { min = 1, max = 20, instance_types = ["c7g.large"] }
    safety_net      = { requests_per_target_per_min = 10 }
    release         = { version = "latest", bucket = "releases", key = "api", sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
  }

  expect_failures = [
    var.name, var.vpc_id, var.app_port, var.subnet_ids, var.security_group_ids, var.connection, var.kms_key_arn,
    var.certificate_arn, var.topic_arn, var.fleet, var.safety_net, var.release,
    var.cors_origins,
  ]
}

run "bounds_crossed_one_bad_minute_and_no_checksum" {
  command = plan

  variables {
    fleet      = { min = 5, max = 4, instance_types = ["c7g.large"] }
    safety_net = { requests_per_target_per_min = 2400, minutes = 1 }
    release    = { version = "1.2.3", bucket = "releases", key = "api", sha256 = "abc" }
  }

  expect_failures = [var.fleet, var.safety_net, var.release]
}

run "spot_of_one_type_and_a_shrinking_safety_net" {
  command = plan

  variables {
    fleet      = { min = 2, max = 20, instance_types = ["c7g.large"], on_demand_percent = 50 }
    safety_net = { requests_per_target_per_min = 2400, step_percent = -30 }
    release    = { version = "1.2.3", bucket = "releases", key = "api", install = "docker", sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
  }

  expect_failures = [var.fleet, var.safety_net, var.release]
}

run "a_warm_pool_of_a_mixed_group" {
  command = plan

  variables {
    fleet      = { min = 2, max = 20, instance_types = ["c7g.large", "c6g.large"], warm = 2 }
    safety_net = { requests_per_target_per_min = 2400, objective_p95_s = 0 }
  }

  expect_failures = [var.fleet, var.safety_net]
}

run "types_of_two_architectures" {
  command = plan

  variables {
    fleet = { min = 2, max = 20, instance_types = ["c7g.large", "c7i.large"] }
  }

  expect_failures = [var.fleet]
}

# The grace of a baked image, of an instance that has yet to install itself.
run "replaced_before_it_is_installed" {
  command = plan

  variables {
    release = { version = "1.2.3", bucket = "releases", key = "api", install = "boot", sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
  }

  expect_failures = [aws_autoscaling_group.this]
}

run "instances_that_outlive_their_password" {
  command = plan

  variables {
    fleet = { min = 2, max = 20, instance_types = ["c7g.large"], max_lifetime_days = 16 }
  }

  expect_failures = [aws_autoscaling_group.this]
}
