variable "policy" {
  description = "The keys of [group.policy] in the controller's configuration; what is null keeps the daemon's default."
  type = object({
    strategy                = optional(string)
    pause                   = optional(string)
    objective_p95           = optional(string)
    error_budget            = optional(number)
    utilisation             = optional(number)
    instance_capacity_per_s = optional(number)
    boot                    = optional(string)
    stabilization_window    = optional(string)
    scale_in_cooldown       = optional(string)
    scale_in_step           = optional(number)
    scale_out_step          = optional(number)
  })
  default = {}

  validation {
    condition     = var.policy.strategy == null ? true : contains(["forecast", "feed-forward", "rules"], var.policy.strategy)
    error_message = "policy.strategy is \"${coalesce(var.policy.strategy, "null")}\"; allowed are \"forecast\", \"feed-forward\" and \"rules\"."
  }

  validation {
    condition     = var.policy.pause == null ? true : contains(["none", "scale-in", "all"], var.policy.pause)
    error_message = "policy.pause is \"${coalesce(var.policy.pause, "null")}\"; allowed are \"none\", \"scale-in\" and \"all\"."
  }

  validation {
    condition = alltrue([
      for time in [var.policy.objective_p95, var.policy.boot, var.policy.stabilization_window, var.policy.scale_in_cooldown] :
      time == null ? true : can(regex("^[0-9]+(ms|s|m|h)$", time))
    ])
    error_message = "policy.objective_p95, boot, stabilization_window and scale_in_cooldown must be times such as \"3s\", \"90s\" or \"4m\"."
  }

  validation {
    condition = alltrue([
      for share in [var.policy.error_budget, var.policy.utilisation, var.policy.scale_in_step] :
      share == null ? true : share > 0 && share <= 1
    ])
    error_message = "policy.error_budget, utilisation and scale_in_step are shares; allowed is above 0, up to 1."
  }
}
