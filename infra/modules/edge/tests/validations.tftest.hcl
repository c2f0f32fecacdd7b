# Each bad value is refused, by the variable that it was given to.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

mock_provider "aws" {
  alias           = "us_east_1"
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name          = "exstrat-test"
  domain        = "app.example.com"
  zone_id       = "Z0123456789ABC"
  emails        = ["ops@example.com"]
  load_balancer = { arn = "arn:aws:elasticloadbalancing:eu-west-3:000000000000:loadbalancer/app/test/0", dns_name = "internal.example.com", zone_id = "Z0123456789ABD" }
}

run "bad_values" {
  command = plan

  variables {
    name            = "exstrat_test"
    domain          = "https://app.example.com"
    zone_id         = "app.example.com"
    static_paths    = ["/*"]
    requests_per_ip = 10
    sign_ins_per_ip = 1
    price_class     = "cheap"
    emails          = []
    load_balancer   = { arn = "arn:aws:elasticloadbalancing:eu-west-3:000000000000:loadbalancer/net/test/0", dns_name = "internal.example.com", zone_id = "Z0123456789ABD" }
    cors_origins    = ["*"]
    stand_in        = { vpc_origin_id = "origin", api_domain = "https://origin.example.com", assets_domain = "bucket" }
    stands_in_for   = "app.example.com"
  }

  expect_failures = [
    var.name, var.domain, var.zone_id, var.static_paths, var.requests_per_ip, var.sign_ins_per_ip, var.price_class,
    var.emails, var.load_balancer, var.cors_origins, var.stand_in, var.stands_in_for,
  ]
}

run "a_private_path_is_never_public" {
  command = plan

  variables {
    public_paths = ["/public/*", "/portfolios/*"]
  }

  expect_failures = [var.public_paths]
}

run "not_even_by_a_wildcard" {
  command = plan

  variables {
    public_paths = ["/portfolios/templates*"]
  }

  expect_failures = [var.public_paths]
}
