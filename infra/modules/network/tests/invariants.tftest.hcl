mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name                = "exstrat-test"
  zones               = ["eu-west-3a", "eu-west-3b", "eu-west-3c"]
  kms_key_arn         = "arn:aws:kms:eu-west-3:000000000000:key/test"
  interface_endpoints = ["secretsmanager"]
}

run "three_zones_nothing_public" {
  command = apply

  assert {
    condition     = length(aws_subnet.app) == 3 && length(aws_subnet.data) == 3 && length(output.app_subnet_ids) == 3
    error_message = "Every zone must have an app and a data subnet."
  }

  assert {
    condition     = length(distinct([for subnet in concat(values(aws_subnet.public), values(aws_subnet.app), values(aws_subnet.data)) : subnet.cidr_block])) == 9
    error_message = "No two subnets may share addresses."
  }

  assert {
    condition = length(aws_nat_gateway.this) == 3 && { for zone, route in aws_route.nat : zone => [route.route_table_id, route.nat_gateway_id] } == {
      for zone, gateway in aws_nat_gateway.this : zone => [aws_route_table.app[zone].id, gateway.id]
    }
    error_message = "Each zone must leave by its own NAT gateway, or the loss of one zone takes the others along."
  }

  # Nothing is public.

  assert {
    condition     = alltrue([for subnet in concat(values(aws_subnet.public), values(aws_subnet.app), values(aws_subnet.data)) : !coalesce(subnet.map_public_ip_on_launch, false)])
    error_message = "Nothing may get a public address by being launched."
  }

  assert {
    condition = alltrue([
      for rule in values(aws_vpc_security_group_ingress_rule.flow) : rule.cidr_ipv4 == null && rule.cidr_ipv6 == null && rule.referenced_security_group_id != null
    ])
    error_message = "Inside, who may come in is said by security group, never by address."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.cloudfront.prefix_list_id == "pl-cloudfront" && aws_vpc_security_group_ingress_rule.cloudfront.cidr_ipv4 == null && aws_vpc_security_group_ingress_rule.cloudfront.security_group_id == output.security_group_ids["balancer"] && aws_vpc_security_group_ingress_rule.cloudfront.from_port == 443 && aws_vpc_security_group_ingress_rule.cloudfront.to_port == 443
    error_message = "From outside only CloudFront may come in, and only to the load balancer."
  }

  assert {
    condition     = length(aws_default_security_group.closed.ingress) == 0 && length(aws_default_security_group.closed.egress) == 0
    error_message = "The default security group must be closed."
  }

  # The data layer has no way out.

  assert {
    condition     = { for zone, association in aws_route_table_association.data : association.subnet_id => association.route_table_id } == { for id in output.data_subnet_ids : id => aws_route_table.data.id }
    error_message = "Data subnets must hang on the table without routes."
  }

  assert {
    condition     = alltrue([for route in concat(values(aws_route.nat), [aws_route.internet]) : route.route_table_id != aws_route_table.data.id])
    error_message = "The data layer's table may have no route."
  }

  assert {
    condition = length(setintersection(
      [for rule in values(aws_vpc_security_group_egress_rule.internet) : rule.security_group_id],
      [for member in ["database", "cache", "journal", "balancer", "proxy"] : output.security_group_ids[member]],
    )) == 0
    error_message = "Databases, caches, the proxy and the load balancer may not reach the internet."
  }

  assert {
    condition     = length(aws_route.old_database) == 0 && length(aws_vpc_security_group_egress_rule.old_database) == 0 && length(aws_vpc_security_group_ingress_rule.old_database) == 0
    error_message = "Without a database that moves here there may be no way to one."
  }

  # Who may talk to the data.

  assert {
    condition = toset([
      for rule in values(aws_vpc_security_group_ingress_rule.flow) : join(" ", concat(
        [for end in [rule.referenced_security_group_id, rule.security_group_id] : one([for member, id in output.security_group_ids : member if id == end])],
        distinct([rule.ip_protocol, rule.from_port, rule.to_port]),
      )) if anytrue([for member in ["database", "cache", "journal", "proxy"] : rule.security_group_id == output.security_group_ids[member]])
      ]) == toset([
      "app proxy tcp 5432", "app database tcp 5432", "app cache tcp 6379", "proxy database tcp 5432",
      "rotation database tcp 5432", "controller journal tcp 5432",
    ])
    error_message = "Somebody else may talk to the data: is that meant?"
  }

  assert {
    condition = { for flow, rule in aws_vpc_security_group_ingress_rule.flow : flow => [rule.referenced_security_group_id, rule.security_group_id, rule.from_port, rule.to_port] } == {
      for flow, rule in aws_vpc_security_group_egress_rule.flow : flow => [rule.security_group_id, rule.referenced_security_group_id, rule.from_port, rule.to_port]
    }
    error_message = "Each way in needs its way out."
  }

  # What is written is encrypted.

  assert {
    condition     = aws_cloudwatch_log_group.flows.kms_key_id == var.kms_key_arn && aws_flow_log.this.traffic_type == "REJECT"
    error_message = "Refused flows must be logged, and the log encrypted with the environment's key."
  }
}

run "one_nat" {
  command = apply

  variables {
    nat = "single"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(distinct([for route in aws_route.nat : route.nat_gateway_id])) == 1
    error_message = "With nat = single there must be one gateway, for all."
  }
}

run "while_a_database_moves_here" {
  command = apply

  variables {
    old_database = { cidr = "10.99.0.0/28", peering_connection_id = "pcx-1" }
  }

  assert {
    condition     = length(aws_route.old_database) == 4 && alltrue([for route in aws_route.old_database : route.destination_cidr_block == "10.99.0.0/28" && route.vpc_peering_connection_id == "pcx-1"])
    error_message = "Both databases, and who moves them, must reach each other by the peering, and nothing else by it."
  }

  assert {
    condition = alltrue([
      for rule in concat(values(aws_vpc_security_group_egress_rule.old_database), aws_vpc_security_group_ingress_rule.old_database) :
      rule.cidr_ipv4 == "10.99.0.0/28" && rule.from_port == 5432 && rule.to_port == 5432
    ]) && toset(keys(aws_vpc_security_group_egress_rule.old_database)) == toset(["app", "database"]) && aws_vpc_security_group_ingress_rule.old_database[0].security_group_id == output.security_group_ids["database"]
    error_message = "Only PostgreSQL, and only from there into the database, may be open while it moves."
  }
}
