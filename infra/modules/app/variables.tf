variable "name" {
  description = "Prefix of every name, such as exstrat-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,22}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\"; allowed are 4 to 24 lower-case letters, digits and hyphens, a letter first: a target group's name is at most 32."
  }
}

variable "vpc_id" {
  description = "The VPC."
  type        = string

  validation {
    condition     = can(regex("^vpc-", var.vpc_id))
    error_message = "vpc_id is \"${var.vpc_id}\"; it must look like vpc-0123456789abcdef0."
  }
}

variable "subnet_ids" {
  description = "Private subnets of the load balancer and the instances, one a zone."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids has ${length(var.subnet_ids)}; a load balancer needs two or more, in different zones."
  }
}

variable "security_group_ids" {
  description = "The members that live here."
  type        = object({ balancer = string, app = string, builder = string })

  validation {
    condition     = alltrue([for id in values(var.security_group_ids) : can(regex("^sg-", id))])
    error_message = "security_group_ids has ${join(", ", values(var.security_group_ids))}; each must look like sg-0123456789abcdef0."
  }
}

variable "kms_key_arn" {
  description = "The key for disks, images, logs and parameters."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:", var.kms_key_arn))
    error_message = "kms_key_arn is \"${var.kms_key_arn}\"; it must be the ARN of a KMS key."
  }
}

variable "certificate_arn" {
  description = "The load balancer's certificate; it must hold the name under which CloudFront asks."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:acm:", var.certificate_arn))
    error_message = "certificate_arn is \"${var.certificate_arn}\"; it must be the ARN of a certificate in ACM."
  }
}

variable "connection" {
  description = "Where the data is: the data module's output of the same name."
  type = object({
    primary_host  = string
    replica_host  = optional(string)
    port          = number
    database      = string
    cache_host    = string
    cache_port    = number
    pool_size     = number
    rotation_days = number
    secret_arns   = object({ database_a = string, database_b = string, cache = string, jwt = string, prices = string })
  })

  validation {
    condition     = var.connection.pool_size >= 2 && floor(var.connection.pool_size) == var.connection.pool_size
    error_message = "connection.pool_size is ${var.connection.pool_size}; allowed is 2 or more: one is the health check's."
  }

  validation {
    condition     = alltrue([for arn in values(var.connection.secret_arns) : can(regex("^arn:aws[a-z-]*:secretsmanager:", arn))])
    error_message = "connection.secret_arns must be ARNs of secrets: the configuration names secrets and holds none."
  }
}

variable "app_port" {
  description = "Where the API listens on its instances."
  type        = number
  default     = 8080

  validation {
    condition     = var.app_port > 1023 && var.app_port < 32768 && floor(var.app_port) == var.app_port
    error_message = "app_port is ${var.app_port}; allowed is 1024 to 32767: lower ones need root, higher ones are for outgoing connections."
  }
}

variable "cors_origins" {
  description = "Pages of these origins may use the API, besides its own: CORS_ORIGINS of the API."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.cors_origins : can(regex("^https://[a-z0-9.-]+(:[0-9]+)?$", origin))])
    error_message = "cors_origins is [${join(", ", var.cors_origins)}]; allowed are origins as browsers send them, such as https://app.example.com, with nothing after the host but a port."
  }
}

variable "protect" {
  description = "Refuses to delete the load balancer, and keeps its logs when all is torn down."
  type        = bool
  default     = true
}

variable "topic_arn" {
  description = "The SNS topic of the safety net's alarms."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:sns:", var.topic_arn))
    error_message = "topic_arn is \"${var.topic_arn}\"; it must be the ARN of an SNS topic."
  }
}
