variable "database" {
  description = <<-TEXT
    PostgreSQL. `instance_class` and `replica_class` (null: no replica) by AWS's names; storage in GiB, growing by
    itself from `storage_gib` to `max_storage_gib`; `max_connections` for the primary and the replica alike.
  TEXT
  type = object({
    engine_version        = optional(string, "17")
    instance_class        = string
    replica_class         = optional(string)
    multi_az              = optional(bool, true)
    storage_gib           = optional(number, 100)
    max_storage_gib       = optional(number, 500)
    max_connections       = number
    backup_retention_days = optional(number, 14)
  })

  validation {
    condition     = can(regex("^1[5-8](\\.[0-9]+)?$", var.database.engine_version))
    error_message = "database.engine_version is \"${var.database.engine_version}\"; allowed is PostgreSQL 15 to 18, such as 17, or with a minor version, 17.6, for as long as AWS offers it."
  }

  validation {
    condition = alltrue([
      for class in compact([var.database.instance_class, var.database.replica_class]) : contains(keys(local.memory_gib), class)
    ])
    error_message = "database.instance_class and replica_class are \"${var.database.instance_class}\" and \"${coalesce(var.database.replica_class, "none")}\"; known are ${join(", ", keys(local.memory_gib))} (capacity.tf has their memory, which bounds the connections)."
  }

  validation {
    condition     = var.database.storage_gib >= 20 && var.database.storage_gib <= var.database.max_storage_gib
    error_message = "database.storage_gib is ${var.database.storage_gib} and max_storage_gib ${var.database.max_storage_gib}; allowed is 20 or more, and no more than the maximum."
  }

  validation {
    condition     = var.database.backup_retention_days >= 1 && var.database.backup_retention_days <= 35
    error_message = "database.backup_retention_days is ${var.database.backup_retention_days}; allowed is 1 to 35: without backups there is no replica and no restore."
  }
}

variable "fleet" {
  description = "What asks the database for connections: instances at the most, and each one's POOL_SIZE to each server."
  type        = object({ max_instances = number, pool_size = number })

  validation {
    condition     = var.fleet.max_instances >= 1 && var.fleet.pool_size >= 2
    error_message = "fleet is ${var.fleet.max_instances} instances with ${var.fleet.pool_size} connections; allowed is one instance or more and two connections or more (one is the health check's)."
  }

  validation {
    condition     = ceil(var.fleet.max_instances * local.deploy_surge) * (var.fleet.pool_size + local.beside_the_pool) <= local.connections_offered
    error_message = "The fleet at its maximum asks the primary for ${ceil(var.fleet.max_instances * local.deploy_surge) * (var.fleet.pool_size + local.beside_the_pool)} connections (${var.fleet.max_instances} instances, a fifth more during a deploy, ${var.fleet.pool_size} each and one beside the pool); of database.max_connections = ${var.database.max_connections} it may take ${local.connections_offered}. Take fewer instances, a smaller pool or a larger database."
  }
}
