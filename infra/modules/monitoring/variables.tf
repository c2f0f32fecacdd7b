variable "name" {
  description = "Prefix of every name, such as exstrat-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,22}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\"; allowed are 4 to 24 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "kms_key_arn" {
  description = "The key that encrypts the topic; CloudWatch, RDS and Budgets must be allowed to use it."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:", var.kms_key_arn))
    error_message = "kms_key_arn is \"${var.kms_key_arn}\"; it must be the ARN of a KMS key."
  }
}

variable "emails" {
  description = "Who is told. Each has to confirm a first message."
  type        = set(string)

  validation {
    condition     = length(var.emails) >= 1 && alltrue([for email in var.emails : can(regex("^[^@ ]+@[^@ ]+\\.[a-z]{2,}$", email))])
    error_message = "emails is [${join(", ", var.emails)}]; one address or more is needed: an alarm that nobody hears is none."
  }
}

variable "load_balancer" {
  description = "The end of the load balancer's ARN, such as app/exstrat-prod/0123456789abcdef."
  type        = string
}

variable "target_groups" {
  description = "The ends of the target groups' ARNs."
  type        = object({ dashboard = string, api = string })
}

variable "group_name" {
  description = "The Auto Scaling group."
  type        = string
}

variable "fleet_bounds" {
  description = "The group's bounds."
  type        = object({ min = number, max = number })
}

variable "primary_identifier" {
  description = "The database's primary."
  type        = string
}

variable "replica_identifier" {
  description = "Its replica; null without one."
  type        = string
  default     = null
}

variable "max_connections" {
  description = "Connections that the database takes."
  type        = number
}

variable "cache_node_ids" {
  description = "The nodes of Redis."
  type        = list(string)
}

variable "heartbeat" {
  description = "The controller's heartbeat: the app module's output of the same name."
  type        = object({ namespace = string, metric_name = string, dimensions = map(string) })
}

variable "objective" {
  description = "What users are promised: seconds for the dashboard's p95 and p99, and the share of requests that succeed."
  type = object({
    p95_s   = optional(number, 3)
    p99_s   = optional(number, 5)
    success = optional(number, 0.9995)
  })
  default = {}

  validation {
    condition     = var.objective.p95_s > 0 && var.objective.p95_s < var.objective.p99_s
    error_message = "objective.p95_s is ${var.objective.p95_s} and p99_s ${var.objective.p99_s}; allowed is 0 < p95_s < p99_s."
  }

  validation {
    condition     = var.objective.success >= 0.9 && var.objective.success < 1
    error_message = "objective.success is ${var.objective.success}; allowed is 0.9 up to, not including, 1: without a budget for errors nothing can be deployed."
  }
}

variable "monthly_budget_usd" {
  description = "What the account may cost a month, in US dollars. Said at 80 % and 100 % spent, and at 100 % forecast."
  type        = number

  validation {
    condition     = var.monthly_budget_usd >= 1
    error_message = "monthly_budget_usd is ${var.monthly_budget_usd}; allowed is 1 or more."
  }
}
