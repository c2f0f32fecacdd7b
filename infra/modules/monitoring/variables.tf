variable "name" {
  description = "Prefix of every name, such as exstrat-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,22}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\"; allowed are 4 to 24 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "kms_key_arn" {
  description = "The key that encrypts the topic; CloudWatch, RDS, Budgets and Image Builder must be allowed to use it."
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

  validation {
    condition     = startswith(var.load_balancer, "app/")
    error_message = "load_balancer is \"${var.load_balancer}\"; it must look like app/exstrat-prod/0123456789abcdef."
  }
}

variable "target_groups" {
  description = "The ends of the target groups' ARNs."
  type        = object({ dashboard = string, api = string })

  validation {
    condition     = alltrue([for group in values(var.target_groups) : startswith(group, "targetgroup/")])
    error_message = "target_groups has ${join(", ", values(var.target_groups))}; each must look like targetgroup/exstrat-prod-api/0123456789abcdef."
  }
}

variable "group_name" {
  description = "The Auto Scaling group."
  type        = string

  validation {
    condition     = length(var.group_name) > 0
    error_message = "group_name is empty; an alarm on nothing never fires."
  }
}

variable "primary_identifier" {
  description = "The database's primary."
  type        = string

  validation {
    condition     = length(var.primary_identifier) > 0
    error_message = "primary_identifier is empty; an alarm on nothing never fires."
  }
}

variable "replica_identifier" {
  description = "Its replica; null without one."
  type        = string
  default     = null

  validation {
    condition     = var.replica_identifier != ""
    error_message = "replica_identifier is empty; say null where there is no replica: an alarm on nothing never fires."
  }
}

variable "max_connections" {
  description = "Connections that the database takes."
  type        = number

  validation {
    condition     = var.max_connections >= 1
    error_message = "max_connections is ${var.max_connections}; allowed is 1 or more."
  }
}

variable "cache_node_ids" {
  description = "The nodes of Redis."
  type        = list(string)

  validation {
    condition     = length(var.cache_node_ids) >= 1
    error_message = "cache_node_ids is empty; one or more are needed: an alarm on nothing never fires."
  }
}

variable "rotation_functions" {
  description = "The functions that rotate passwords: the data module's output of the same name."
  type        = map(string)

  validation {
    condition     = length(var.rotation_functions) >= 1
    error_message = "rotation_functions is empty; one or more are needed: a rotation that fails unheard is found when the password is."
  }
}

variable "heartbeat" {
  description = "The controller's heartbeat: the app module's output of the same name."
  type        = object({ namespace = string, metric_name = string, dimensions = map(string) })

  validation {
    condition     = length(var.heartbeat.namespace) > 0 && length(var.heartbeat.metric_name) > 0 && !startswith(var.heartbeat.namespace, "AWS/")
    error_message = "heartbeat is ${var.heartbeat.namespace} ${var.heartbeat.metric_name}; both are needed, and AWS's own namespaces take no metric of ours."
  }
}

variable "controller_log" {
  description = "The log group in which the controller says what it decides and why."
  type        = string

  validation {
    condition     = startswith(var.controller_log, "/")
    error_message = "controller_log is \"${var.controller_log}\"; it must be the name of a log group, such as /exstrat-prod/controller."
  }
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

variable "instance_usd_per_hour" {
  description = "What an instance of the API costs an hour, in US dollars, as the dashboard reckons: about, since Spot and contracts cost less."
  type        = number

  validation {
    condition     = var.instance_usd_per_hour > 0 && var.instance_usd_per_hour <= 100
    error_message = "instance_usd_per_hour is ${var.instance_usd_per_hour}; allowed is above 0, up to 100."
  }
}
