# While the beta's database moves here, its server and ours follow each other, and people read both from an instance of
# the API. It is the only way out of the data's subnets, and gone when the move is over.

locals {
  tables_to_old = var.old_database == null ? {} : merge({ data = aws_route_table.data.id }, { for zone, table in aws_route_table.app : zone => table.id })
}

resource "aws_route" "old_database" {
  for_each = local.tables_to_old

  route_table_id            = each.value
  destination_cidr_block    = var.old_database.cidr
  vpc_peering_connection_id = var.old_database.peering_connection_id
}

resource "aws_vpc_security_group_egress_rule" "old_database" {
  for_each = var.old_database == null ? [] : toset(["app", "database"])

  security_group_id = aws_security_group.this[each.key].id
  description       = "The database that moves here"
  ip_protocol       = "tcp"
  from_port         = 5432
  to_port           = 5432
  cidr_ipv4         = var.old_database.cidr
}

resource "aws_vpc_security_group_ingress_rule" "old_database" {
  count = var.old_database == null ? 0 : 1

  security_group_id = aws_security_group.this["database"].id
  description       = "The way back of the database that moves here"
  ip_protocol       = "tcp"
  from_port         = 5432
  to_port           = 5432
  cidr_ipv4         = var.old_database.cidr
}
