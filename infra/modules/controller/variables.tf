variable "name" {
  description = "Prefix of every name, such as exstrat-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,22}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\"; allowed are 4 to 24 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "app_subnet_ids" {
  description = "Private subnets with a way out, one a zone: the daemons."
  type        = list(string)

  validation {
    condition     = length(var.app_subnet_ids) >= 2
    error_message = "app_subnet_ids has ${length(var.app_subnet_ids)}; two or more are needed: leader and standby must not share a zone."
  }
}

variable "data_subnet_ids" {
  description = "Subnets without a way out: their database."
  type        = list(string)

  validation {
    condition     = length(var.data_subnet_ids) >= 2
    error_message = "data_subnet_ids has ${length(var.data_subnet_ids)}; two or more are needed, in different zones."
  }
}

variable "security_group_ids" {
  description = "The members that live here."
  type        = object({ controller = string, journal = string })

  validation {
    condition     = alltrue([for id in values(var.security_group_ids) : can(regex("^sg-", id))])
    error_message = "security_group_ids has ${join(", ", values(var.security_group_ids))}; each must look like sg-0123456789abcdef0."
  }
}

variable "kms_key_arn" {
  description = "The key for disks, database, secret, log and parameter."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:", var.kms_key_arn))
    error_message = "kms_key_arn is \"${var.kms_key_arn}\"; it must be the ARN of a KMS key."
  }
}

variable "topic_arn" {
  description = "Where the controller says what people should know."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:sns:", var.topic_arn))
    error_message = "topic_arn is \"${var.topic_arn}\"; it must be the ARN of an SNS topic."
  }
}

variable "group" {
  description = "What is controlled: outputs of the app module. Target groups and load balancer by the ends of their ARNs."
  type = object({
    name          = string
    arn           = string
    load_balancer = string
    target_groups = object({ dashboard = string, api = string })
    heartbeat     = object({ namespace = string, metric_name = string, dimensions = map(string) })
  })

  validation {
    condition     = can(regex(":autoScalingGroup:[^*]*:autoScalingGroupName/[^*]+$", var.group.arn))
    error_message = "group.arn is \"${var.group.arn}\"; it must be the ARN of one group: it is all that the controller may change."
  }

  validation {
    condition     = startswith(var.group.load_balancer, "app/") && alltrue([for group in values(var.group.target_groups) : startswith(group, "targetgroup/")])
    error_message = "group.load_balancer is \"${var.group.load_balancer}\" and target_groups ${join(", ", values(var.group.target_groups))}; they must be the ends of ARNs, app/... and targetgroup/..."
  }
}

variable "instances" {
  description = "Daemons: one leads, the others stand by. Two are enough, as AWS replaces one that is lost; one alone is missing for the minutes of that."
  type        = number
  default     = 2

  validation {
    condition     = contains([1, 2, 3], var.instances)
    error_message = "instances is ${var.instances}; allowed is 1 to 3: one leads, and each of the others only waits."
  }
}

variable "instance_type" {
  description = "The daemon takes some tens of MB and a per cent of a CPU."
  type        = string
  default     = "t4g.micro"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9-]+$", var.instance_type))
    error_message = "instance_type is \"${var.instance_type}\"; it must look like t4g.micro."
  }
}

variable "architecture" {
  description = "Of the instance type, and of the released program."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture is \"${var.architecture}\"; allowed are \"arm64\" and \"x86_64\"."
  }

  # AWS's names say it: a1, and families with a g after the generation's digit, are Graviton.
  validation {
    condition     = can(regex("^(a1|[a-z]+[0-9]+g[a-z]*)\\.", var.instance_type)) == (var.architecture == "arm64")
    error_message = "architecture is \"${var.architecture}\" and instance_type \"${var.instance_type}\"; t4g.micro and others with a g after the digit are arm64, all others x86_64."
  }
}

variable "release" {
  description = "The released `controller`: its version, where it lies in S3, and its SHA-256."
  type        = object({ version = string, bucket = string, key = string, sha256 = string })

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", var.release.version)) && can(regex("^[0-9a-f]{64}$", var.release.sha256))
    error_message = "release.version is \"${var.release.version}\" and sha256 \"${var.release.sha256}\"; they must look like 1.2.3 and be the 64 hexadecimal digits that sha256sum prints."
  }
}

variable "database" {
  description = "The lease and the journal have a PostgreSQL of their own, so that they answer when the one that users wait for does not."
  type = object({
    engine_version        = optional(string, "17")
    instance_class        = optional(string, "db.t4g.micro")
    multi_az              = optional(bool, true)
    backup_retention_days = optional(number, 7)
  })
  default = {}

  validation {
    condition     = can(regex("^1[5-8](\\.[0-9]+)?$", var.database.engine_version)) && startswith(var.database.instance_class, "db.")
    error_message = "database.engine_version is \"${var.database.engine_version}\" and instance_class \"${var.database.instance_class}\"; allowed is PostgreSQL 15 to 18, such as 17, or with a minor version, 17.6, for as long as AWS offers it, and a class such as db.t4g.micro."
  }

  validation {
    condition     = var.database.backup_retention_days >= 1 && var.database.backup_retention_days <= 35
    error_message = "database.backup_retention_days is ${var.database.backup_retention_days}; allowed is 1 to 35."
  }
}

variable "protect" {
  description = "Refuses to delete the database and leaves a last snapshot."
  type        = bool
  default     = true
}
