# Each bad value is refused, by the variable that it was given to.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name        = "exstrat-test"
  zones       = ["eu-west-3a", "eu-west-3b", "eu-west-3c"]
  kms_key_arn = "arn:aws:kms:eu-west-3:000000000000:key/test"
}

run "bad_values" {
  command = plan

  variables {
    name                    = "ExStrat"
    cidr                    = "10.0.0.0/24"
    zones                   = ["eu-west-3a"]
    nat                     = "none"
    interface_endpoints     = ["s3"]
    old_database            = { cidr = "0.0.0.0/0", peering_connection_id = "pcx-1" }
    app_port                = 80
    kms_key_arn             = "alias/key"
    flow_log_retention_days = 1
  }

  expect_failures = [
    var.name, var.cidr, var.zones, var.nat, var.interface_endpoints, var.old_database, var.app_port,
    var.kms_key_arn, var.flow_log_retention_days,
  ]
}

run "no_range_and_the_same_zone_twice" {
  command = plan

  variables {
    cidr     = "10.0.0.0"
    zones    = ["eu-west-3a", "eu-west-3a"]
    app_port = 40000

    old_database = { cidr = "10.99.0.0/28", peering_connection_id = "vpc-1" }
  }

  expect_failures = [var.cidr, var.zones, var.app_port, var.old_database]
}
