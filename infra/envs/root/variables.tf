# What differs between environments: sizes in sizes.auto.tfvars, and what only you know in terraform.tfvars (see
# terraform.tfvars.example). The modules check the values and have the defaults.

variable "region" {
  description = "Where all of it is, but for what CloudFront wants in us-east-1."
  type        = string
}

variable "domain" {
  description = "The name that users type, and its Route 53 zone."
  type        = object({ name = string, zone_id = string })
}

variable "emails" {
  description = "Who hears of alarms."
  type        = set(string)
}

variable "releases" {
  description = "Where the released programs lie in S3, with their SHA-256."
  type = object({
    bucket     = string
    api        = object({ version = string, key = string, sha256 = string, install = optional(string) })
    controller = object({ version = string, key = string, sha256 = string })
  })
}

variable "protect" {
  description = "Refuses to delete what holds data."
  type        = bool
  default     = true
}

variable "confirm_unprotected" {
  description = "The environment's name, once more, to switch protection off in prod and recovery."
  type        = string
  default     = ""
}

variable "requests_per_ip" {
  description = "Requests that one address may send in five minutes."
  type        = number
  default     = 3000
}

variable "monthly_budget_usd" {
  description = "What a month may cost, in US dollars."
  type        = number
}

variable "instance_usd_per_hour" {
  description = "What an instance of the API costs an hour, in US dollars, as the dashboard reckons."
  type        = number
}

variable "network" {
  description = "Addresses, zones, NAT gateways and endpoints."
  type = object({
    cidr                = optional(string)
    zones               = list(string)
    nat                 = optional(string)
    interface_endpoints = optional(set(string))
    old_database        = optional(object({ cidr = string, peering_connection_id = string }))
  })
}

variable "fleet" {
  description = "The API's group."
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
  description = "What AWS does without a controller."
  type = object({
    objective_p95_s             = optional(number)
    minutes                     = optional(number)
    step_percent                = optional(number)
    requests_per_target_per_min = number
  })
}

variable "stand_in" {
  description = "Another environment's origins that answer users in place of ours, as its output `runbook.stand_in` tells them."
  type        = object({ vpc_origin_id = string, api_domain = string, assets_domain = string })
  default     = null
}

variable "stands_in_for" {
  description = "The id of another environment's distribution that may ask our origins, in recovery that of prod."
  type        = string
  default     = null
}

variable "cors_origins" {
  description = "Pages of these origins may use the API, besides those of the domain, such as https://app.example.com."
  type        = set(string)
  default     = []
}

variable "pool_size" {
  description = "Connections of one instance to each database server."
  type        = number
  default     = 4
}

variable "database" {
  description = "PostgreSQL."
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
  description = "The region that keeps a second copy of the database's backups; null: none does."
  type        = string
  default     = null
}

variable "restore_from" {
  description = "Automated backups in this region that the database is made from, by their ARN, instead of empty."
  type        = string
  default     = null
}

variable "cache" {
  description = "Redis."
  type = object({
    engine_version = optional(string)
    node_type      = string
    shards         = optional(number)
    replicas       = optional(number)
    snapshot_days  = optional(number)
  })
}

variable "controller" {
  description = "The daemons, their database's class, and the policy's keys."
  type = object({
    instances      = optional(number)
    instance_type  = optional(string)
    architecture   = optional(string)
    database_class = optional(string)
    multi_az       = optional(bool)
    policy         = optional(map(any))
  })
  default = {}
}
