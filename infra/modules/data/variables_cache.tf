variable "cache" {
  description = "Redis in cluster mode: `shards`, each a primary with `replicas` in other zones."
  type = object({
    engine_version = optional(string, "7.1")
    node_type      = string
    shards         = optional(number, 1)
    replicas       = optional(number, 1)
    snapshot_days  = optional(number, 1)
  })

  validation {
    condition     = can(regex("^cache\\.[a-z0-9]+\\.[a-z0-9]+$", var.cache.node_type))
    error_message = "cache.node_type is \"${var.cache.node_type}\"; it must look like cache.t4g.small."
  }

  validation {
    condition     = var.cache.shards >= 1 && var.cache.shards <= 90 && floor(var.cache.shards) == var.cache.shards
    error_message = "cache.shards is ${var.cache.shards}; allowed is 1 to 90."
  }

  validation {
    condition     = var.cache.replicas >= 1 && var.cache.replicas <= 5 && floor(var.cache.replicas) == var.cache.replicas
    error_message = "cache.replicas is ${var.cache.replicas}; allowed is 1 to 5: failover needs one."
  }
}
