# What differs between environments. The modules check the values; here is only what they have in common.

variable "environment" {
  description = "Which one: it names everything."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "prod", "recovery"], var.environment)
    error_message = "environment is \"${var.environment}\"; allowed are dev, staging, prod and recovery."
  }
}

variable "protect" {
  description = "Refuses to delete what holds data, and keeps last snapshots. Off only to tear an environment down."
  type        = bool

  validation {
    condition     = var.protect || !contains(["prod", "recovery"], var.environment) || var.confirm_unprotected == var.environment
    error_message = "protect is false in ${var.environment}; say confirm_unprotected = \"${var.environment}\" as well, if data may really be lost."
  }
}

variable "confirm_unprotected" {
  description = "The environment's name, once more, to switch protection off in prod, and in recovery, which is prod on its worst day."
  type        = string
  default     = ""
}

variable "domain" {
  description = "The name that users type, and its Route 53 zone."
  type        = object({ name = string, zone_id = string })
}

variable "emails" {
  description = "Who hears of alarms."
  type        = set(string)
}

variable "monthly_budget_usd" {
  description = "What a month may cost, in US dollars."
  type        = number
}

variable "instance_usd_per_hour" {
  description = "What an instance of the API costs an hour, in US dollars: see the monitoring module."
  type        = number
}

variable "requests_per_ip" {
  description = "Requests that one address may send in five minutes."
  type        = number
  default     = 3000
}

variable "network" {
  description = "Addresses, zones, NAT gateways and endpoints: see the network module."
  type = object({
    cidr                = optional(string, "10.0.0.0/16")
    zones               = list(string)
    nat                 = optional(string, "per_zone")
    interface_endpoints = optional(set(string), [])
    old_database        = optional(object({ cidr = string, peering_connection_id = string }))
  })
}

variable "fleet" {
  description = "The API's group: see the app module."
  type = object({
    min               = number
    max               = number
    instance_types    = list(string)
    architecture      = optional(string)
    disk_gib          = optional(number)
    on_demand_base    = optional(number)
    on_demand_percent = optional(number)
    warm              = optional(number)
    grace_s           = optional(number)
    warm_up_s         = optional(number)
    max_lifetime_days = optional(number)
  })
}

variable "safety_net" {
  description = "What AWS does without a controller: see the app module."
  type = object({
    objective_p95_s             = optional(number)
    minutes                     = optional(number)
    step_percent                = optional(number)
    requests_per_target_per_min = number
  })
}

variable "stand_in" {
  description = "Another environment's origins that answer users in place of ours: see the edge module."
  type        = object({ vpc_origin_id = string, api_domain = string, assets_domain = string })
  default     = null
}

variable "stands_in_for" {
  description = "The id of another environment's distribution that may ask our origins: see the edge module."
  type        = string
  default     = null
}

variable "cors_origins" {
  description = "Pages of these origins may use the API, besides those of the domain: see the app module."
  type        = set(string)
  default     = []
}

variable "pool_size" {
  description = "Connections of one instance to each database server: POOL_SIZE of the API."
  type        = number
  default     = 4
}

variable "database" {
  description = "PostgreSQL: see the data module."
  type = object({
    engine_version        = optional(string)
    instance_class        = string
    replica_class         = optional(string)
    multi_az              = optional(bool)
    storage_gib           = optional(number)
    max_storage_gib       = optional(number)
    max_connections       = number
    backup_retention_days = optional(number)
  })
}

variable "recovery_region" {
  description = "The region that keeps a second copy of the database's backups; null: none does. See the data module."
  type        = string
  default     = null
}

variable "restore_from" {
  description = "Automated backups that the database is made from, by their ARN: see the data module."
  type        = string
  default     = null

  # On its first apply an empty one would be made, and no later one would restore anything.
  validation {
    condition     = var.restore_from != null || var.environment != "recovery"
    error_message = "restore_from is null in recovery, whose database must not begin empty; say at every apply the ARN of the backups that it is made from."
  }
}

variable "cache" {
  description = "Redis: see the data module."
  type = object({
    engine_version = optional(string)
    node_type      = string
    shards         = optional(number)
    replicas       = optional(number)
    snapshot_days  = optional(number)
  })
}

variable "controller" {
  description = "The daemons, their database's class, and the policy's keys: see the controller module."
  type = object({
    instances      = optional(number, 2)
    instance_type  = optional(string, "t4g.micro")
    architecture   = optional(string, "arm64")
    database_class = optional(string, "db.t4g.micro")
    multi_az       = optional(bool, true)
    policy         = optional(map(any), {})
  })
  default = {}

  # A type drops what it does not know without a word: a pause that is misspelt would be none.
  validation {
    condition = alltrue([for key in keys(var.controller.policy) : contains([
      "strategy", "pause", "objective_p95", "error_budget", "utilisation", "instance_capacity_per_s", "boot",
      "stabilization_window", "scale_in_cooldown", "scale_in_step", "scale_out_step",
    ], key)])
    error_message = "controller.policy has ${join(", ", keys(var.controller.policy))}; allowed are the keys of policy in modules/controller/variables_policy.tf."
  }
}

variable "releases" {
  description = "Where the released programs lie in S3, with their SHA-256."
  type = object({
    bucket     = string
    api        = object({ version = string, key = string, sha256 = string, install = optional(string) })
    controller = object({ version = string, key = string, sha256 = string })
  })
}

variable "passwords" {
  description = "Drawn anew in every run and kept nowhere: see the data module."
  type        = object({ master = string, database_a = string, database_b = string, jwt = string })
  ephemeral   = true
  sensitive   = true
}
