output "connection" {
  description = "Where the API finds its data. No secret: passwords are read from the secrets when an instance starts."
  value = {
    primary_host  = aws_db_proxy.this.endpoint
    replica_host  = one(aws_db_instance.replica[*].address)
    port          = 5432
    database      = local.database_name
    cache_host    = aws_elasticache_replication_group.this.configuration_endpoint_address
    cache_port    = 6379
    secret_arns   = { for name, secret in aws_secretsmanager_secret.this : name => secret.arn }
    pool_size     = var.fleet.pool_size
    rotation_days = var.rotation_days
  }
}

output "primary_identifier" {
  description = "The primary, for CloudWatch's dimensions."
  value       = aws_db_instance.primary.identifier
}

output "replica_identifier" {
  description = "The replica, for CloudWatch's dimensions; null without one."
  value       = one(aws_db_instance.replica[*].identifier)
}

output "cache_node_ids" {
  description = "The nodes of Redis, for CloudWatch's dimensions; ElastiCache's names, known before they are made."
  value = [for node in setproduct(range(1, var.cache.shards + 1), range(1, var.cache.replicas + 2)) :
    format("%s-%04d-%03d", aws_elasticache_replication_group.this.replication_group_id, node[0], node[1])
  ]
}

output "max_connections" {
  description = "Connections that the database takes."
  value       = var.database.max_connections
}

output "primary_address" {
  description = "The primary itself, past the proxy: for migrations and for people."
  value       = aws_db_instance.primary.address
}

output "master_secret_arn" {
  description = "The master's password, which rotates: for the first deployment and emergencies."
  value       = aws_secretsmanager_secret.master.arn
}

output "rotation_functions" {
  description = "The functions that rotate passwords, by what they rotate, for CloudWatch's dimensions."
  value       = local.rotation_functions
}
