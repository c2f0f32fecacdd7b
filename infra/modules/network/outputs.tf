output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "app_subnet_ids" {
  description = "One private subnet a zone, with a way out: for the load balancer, the API and the controller."
  value       = [for zone in var.zones : aws_subnet.app[zone].id]
}

output "data_subnet_ids" {
  description = "One subnet a zone without a way out: for databases and caches."
  value       = [for zone in var.zones : aws_subnet.data[zone].id]
}

output "security_group_ids" {
  description = "A security group for each member of the architecture, by name: app, balancer, builder, cache, ..."
  value       = { for member, group in aws_security_group.this : member => group.id }
}
