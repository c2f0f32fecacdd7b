# Who may talk to whom, in one table. Each line becomes one rule out and one rule in, both by group: no address
# range stands anywhere but for the way out to AWS, and for CloudFront's way in.

locals {
  members = {
    balancer   = "the load balancer"
    app        = "the API's instances"
    proxy      = "the database proxy"
    database   = "the database and its replica"
    cache      = "Redis"
    rotation   = "the function that rotates the database's password"
    controller = "the controller's instances"
    journal    = "the controller's database"
    builder    = "the machine that bakes the image"
    endpoint   = "AWS's services inside the VPC"
  }

  flows = {
    balancer-to-app        = { from = "balancer", to = "app", port = var.app_port }
    app-to-proxy           = { from = "app", to = "proxy", port = 5432 }
    app-to-database        = { from = "app", to = "database", port = 5432 }
    app-to-cache           = { from = "app", to = "cache", port = 6379 }
    proxy-to-database      = { from = "proxy", to = "database", port = 5432 }
    rotation-to-database   = { from = "rotation", to = "database", port = 5432 }
    controller-to-journal  = { from = "controller", to = "journal", port = 5432 }
    app-to-endpoint        = { from = "app", to = "endpoint", port = 443 }
    rotation-to-endpoint   = { from = "rotation", to = "endpoint", port = 443 }
    controller-to-endpoint = { from = "controller", to = "endpoint", port = 443 }
    builder-to-endpoint    = { from = "builder", to = "endpoint", port = 443 }
  }

  # AWS's APIs, packages and prices are on the internet, behind TLS.
  reach_the_internet = toset(["app", "rotation", "controller", "builder"])
}

data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:The other modules attach them.
  for_each = local.members

  name        = "${var.name}-${each.key}"
  description = "For ${each.value}"
  vpc_id      = aws_vpc.this.id
  tags        = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_security_group_egress_rule" "flow" {
  for_each = local.flows

  security_group_id            = aws_security_group.this[each.value.from].id
  referenced_security_group_id = aws_security_group.this[each.value.to].id
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_ingress_rule" "flow" {
  for_each = local.flows

  security_group_id            = aws_security_group.this[each.value.to].id
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "internet" {
  for_each = local.reach_the_internet

  security_group_id = aws_security_group.this[each.key].id
  description       = "TLS to AWS and the internet"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

# The only way in from outside the VPC.
resource "aws_vpc_security_group_ingress_rule" "cloudfront" {
  security_group_id = aws_security_group.this["balancer"].id
  description       = "CloudFront"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = data.aws_ec2_managed_prefix_list.cloudfront.id
}
