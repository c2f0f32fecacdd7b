variable "recovery_region" {
  description = "The region that keeps a second copy of the database's backups, where the provider aws.recovery must be; null: none does."
  type        = string
  default     = null

  validation {
    condition     = var.recovery_region == null ? true : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.recovery_region))
    error_message = "recovery_region is \"${coalesce(var.recovery_region, "null")}\"; it must look like eu-west-1."
  }
}

variable "restore_from" {
  description = <<-TEXT
    The ARN of automated backups in this region, replicated ones too: the primary is made from them, at their newest
    moment, instead of empty. Its engine is then of their major version, its key theirs, its storage theirs at least. It
    is read when the primary is made, and never again: afterwards it may stay or go, and a plan warns if it is another.
  TEXT
  type        = string
  default     = null

  validation {
    condition     = var.restore_from == null ? true : can(regex("^arn:aws[a-z-]*:rds:[a-z0-9-]+:[0-9]{12}:auto-backup:ab-[a-z0-9]+$", var.restore_from))
    error_message = "restore_from is \"${coalesce(var.restore_from, "null")}\"; it must look like arn:aws:rds:eu-west-1:123456789012:auto-backup:ab-0123456789abcdef, as aws rds describe-db-instance-automated-backups tells it."
  }
}
