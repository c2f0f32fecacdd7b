variable "name" {
  description = "Prefix of every name, such as exstrat-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,22}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\"; allowed are 4 to 24 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "data_subnet_ids" {
  description = "Subnets without a way out, in at least two zones: databases, proxy, cache."
  type        = list(string)

  validation {
    condition     = length(var.data_subnet_ids) >= 2
    error_message = "data_subnet_ids has ${length(var.data_subnet_ids)}; two or more are needed, in different zones."
  }
}

variable "app_subnet_ids" {
  description = "Subnets from which Secrets Manager can be reached: the function that rotates passwords."
  type        = list(string)

  validation {
    condition     = length(var.app_subnet_ids) >= 1
    error_message = "app_subnet_ids is empty; one or more are needed."
  }
}

variable "security_group_ids" {
  description = "Who may be reached by whom is the network's business; these are the members that live here."
  type        = object({ proxy = string, database = string, cache = string, rotation = string })

  validation {
    condition     = alltrue([for id in values(var.security_group_ids) : can(regex("^sg-", id))])
    error_message = "security_group_ids has ${join(", ", values(var.security_group_ids))}; each must look like sg-0123456789abcdef0."
  }
}

variable "kms_key_arn" {
  description = "The key for storage, backups, secrets and logs."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:", var.kms_key_arn))
    error_message = "kms_key_arn is \"${var.kms_key_arn}\"; it must be the ARN of a KMS key."
  }
}

variable "topic_arn" {
  description = "The SNS topic that hears of the database's failovers and maintenance."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:sns:", var.topic_arn))
    error_message = "topic_arn is \"${var.topic_arn}\"; it must be the ARN of an SNS topic."
  }
}

variable "cache_topic_arn" {
  description = "The SNS topic that hears of Redis's failovers; not encrypted, or ElastiCache cannot tell it anything."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:sns:", var.cache_topic_arn))
    error_message = "cache_topic_arn is \"${var.cache_topic_arn}\"; it must be the ARN of an SNS topic."
  }
}

variable "protect" {
  description = "Refuses to delete the database and leaves a last snapshot."
  type        = bool
  default     = true
}

variable "rotation_days" {
  description = "Redis's password and that of PostgreSQL's master are replaced after so many days; the application's two users in PostgreSQL take monthly turns."
  type        = number
  default     = 30

  validation {
    condition     = var.rotation_days >= 1 && var.rotation_days <= 90 && floor(var.rotation_days) == var.rotation_days
    error_message = "rotation_days is ${var.rotation_days}; allowed is 1 to 90."
  }
}

variable "master_password_version" {
  description = "Raise it to draw a new password for the master, in the database and in its secret: where the two have parted, as when the first apply ended in between."
  type        = number
  default     = 1

  validation {
    condition     = var.master_password_version >= 1 && floor(var.master_password_version) == var.master_password_version
    error_message = "master_password_version is ${var.master_password_version}; allowed is a whole number from 1."
  }
}

variable "jwt_secret_version" {
  description = "Raise it to draw a new secret for tokens. Everybody then has to sign in again."
  type        = number
  default     = 1

  validation {
    condition     = var.jwt_secret_version >= 1 && floor(var.jwt_secret_version) == var.jwt_secret_version
    error_message = "jwt_secret_version is ${var.jwt_secret_version}; allowed is a whole number from 1."
  }
}

variable "passwords" {
  description = "The first passwords of PostgreSQL's master and of the application's two users, and the secret for tokens, drawn anew in every run and kept nowhere. Only what is written for the first time, or under a raised version, is used."
  type        = object({ master = string, database_a = string, database_b = string, jwt = string })
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = alltrue([for of in ["master", "database_a", "database_b"] : can(regex("^[A-Za-z0-9]{24,128}$", var.passwords[of]))])
    error_message = "passwords.master, database_a and database_b must be 24 to 128 letters and digits: they stand in addresses."
  }

  validation {
    condition     = length(var.passwords.jwt) >= 32
    error_message = "passwords.jwt has fewer than 32 characters, the least that the API accepts."
  }
}
