variable "fleet" {
  description = <<-TEXT
    The Auto Scaling group. `min` and `max` bound the controller, which alone sets the desired capacity;
    `instance_types` beyond the first make it a mixed group, with Spot above `on_demand_base` in the share that
    `on_demand_percent` leaves; `warm` instances wait stopped.
  TEXT
  type = object({
    min               = number
    max               = number
    instance_types    = list(string)
    architecture      = optional(string, "arm64")
    disk_gib          = optional(number, 8)
    on_demand_base    = optional(number, 2)
    on_demand_percent = optional(number, 100)
    warm              = optional(number, 0)
    grace_s           = optional(number, 120)
    warm_up_s         = optional(number, 60)
    max_lifetime_days = optional(number, 14)
  })

  validation {
    condition     = var.fleet.min >= 2 && var.fleet.min <= var.fleet.max && var.fleet.max <= 200
    error_message = "fleet.min is ${var.fleet.min} and max ${var.fleet.max}; allowed is 2 <= min <= max <= 200: one instance alone cannot be replaced without a gap."
  }

  validation {
    condition     = length(var.fleet.instance_types) >= 1 && alltrue([for type in var.fleet.instance_types : can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9-]+$", type))])
    error_message = "fleet.instance_types is [${join(", ", var.fleet.instance_types)}]; one or more are needed, such as c7g.large."
  }

  validation {
    condition     = contains(["arm64", "x86_64"], var.fleet.architecture)
    error_message = "fleet.architecture is \"${var.fleet.architecture}\"; allowed are \"arm64\" and \"x86_64\"."
  }

  # AWS's names say it: a1, and families with a g after the generation's digit, are Graviton.
  validation {
    condition     = alltrue([for type in var.fleet.instance_types : can(regex("^(a1|[a-z]+[0-9]+g[a-z]*)\\.", type)) == (var.fleet.architecture == "arm64")])
    error_message = "fleet.architecture is \"${var.fleet.architecture}\" and instance_types [${join(", ", var.fleet.instance_types)}]; c7g.large and others with a g after the digit are arm64, all others x86_64."
  }

  validation {
    condition     = var.fleet.disk_gib >= 8 && var.fleet.disk_gib <= 200
    error_message = "fleet.disk_gib is ${var.fleet.disk_gib}; allowed is 8 to 200."
  }

  validation {
    condition     = var.fleet.on_demand_percent >= 0 && var.fleet.on_demand_percent <= 100 && var.fleet.on_demand_base >= 0
    error_message = "fleet.on_demand_percent is ${var.fleet.on_demand_percent} and on_demand_base ${var.fleet.on_demand_base}; allowed is 0 to 100, and 0 or more."
  }

  validation {
    condition     = var.fleet.on_demand_percent == 100 || length(var.fleet.instance_types) > 1
    error_message = "fleet.on_demand_percent is ${var.fleet.on_demand_percent} with one instance type; Spot needs two or more, or one shortage takes all."
  }

  validation {
    condition     = var.fleet.warm >= 0 && var.fleet.warm <= var.fleet.max && (var.fleet.warm == 0 || length(var.fleet.instance_types) == 1)
    error_message = "fleet.warm is ${var.fleet.warm} with ${length(var.fleet.instance_types)} instance types; allowed is 0 to max, and a mixed group can have none (AWS's rule)."
  }

  validation {
    condition     = var.fleet.grace_s >= 30 && var.fleet.grace_s <= 900 && var.fleet.warm_up_s >= 0 && var.fleet.warm_up_s <= 900
    error_message = "fleet.grace_s is ${var.fleet.grace_s} and warm_up_s ${var.fleet.warm_up_s}; allowed is 30 to 900, and 0 to 900."
  }

  validation {
    condition     = var.fleet.max_lifetime_days >= 1 && var.fleet.max_lifetime_days <= 365
    error_message = "fleet.max_lifetime_days is ${var.fleet.max_lifetime_days}; allowed is 1 to 365."
  }
}

variable "safety_net" {
  description = <<-TEXT
    What AWS does by itself, only ever adding: while the controller sends no heartbeat and the p95 is above
    `objective_p95_s` for `minutes`, `step_percent` more instances (two at least); and never more than
    `requests_per_target_per_min` on an instance, of all kinds together, which must lie far above what the controller
    works at.
  TEXT
  type = object({
    objective_p95_s             = optional(number, 3)
    minutes                     = optional(number, 3)
    step_percent                = optional(number, 30)
    requests_per_target_per_min = number
  })

  validation {
    condition     = var.safety_net.objective_p95_s > 0 && var.safety_net.objective_p95_s <= 30
    error_message = "safety_net.objective_p95_s is ${var.safety_net.objective_p95_s}; allowed is above 0, up to 30 seconds."
  }

  validation {
    condition     = var.safety_net.minutes >= 2 && var.safety_net.minutes <= 15 && floor(var.safety_net.minutes) == var.safety_net.minutes
    error_message = "safety_net.minutes is ${var.safety_net.minutes}; allowed is 2 to 15: one minute is no proof, and longer costs users."
  }

  validation {
    condition     = var.safety_net.step_percent >= 10 && var.safety_net.step_percent <= 100
    error_message = "safety_net.step_percent is ${var.safety_net.step_percent}; allowed is 10 to 100."
  }

  validation {
    condition     = var.safety_net.requests_per_target_per_min >= 60
    error_message = "safety_net.requests_per_target_per_min is ${var.safety_net.requests_per_target_per_min}; allowed is 60 or more."
  }
}
