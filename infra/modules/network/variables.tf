variable "name" {
  description = "Prefix of every name, such as exstrat-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,22}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\"; allowed are 4 to 24 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "cidr" {
  description = "The VPC's addresses. It is cut into sixteen; a /16 gives subnets of 4,091 hosts."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.cidr)) && try(tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 20, false)
    error_message = "cidr is \"${var.cidr}\"; allowed is an IPv4 range from /16 to /20."
  }
}

variable "zones" {
  description = "The availability zones, two or three of them."
  type        = list(string)

  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 3 && length(distinct(var.zones)) == length(var.zones)
    error_message = "zones has ${length(var.zones)} entries (${join(", ", var.zones)}); allowed are two or three different ones: the load balancer and a Multi-AZ database need two."
  }
}

variable "nat" {
  description = "NAT gateways: \"per_zone\" survives the loss of a zone, \"single\" is cheaper and does not."
  type        = string
  default     = "per_zone"

  validation {
    condition     = contains(["per_zone", "single"], var.nat)
    error_message = "nat is \"${var.nat}\"; allowed are \"per_zone\" and \"single\"."
  }
}

variable "interface_endpoints" {
  description = "AWS services reached without NAT, such as secretsmanager. Each costs about $7 a month and zone."
  type        = set(string)
  default     = []

  validation {
    condition = alltrue([for service in var.interface_endpoints : contains(
      ["autoscaling", "ec2messages", "elasticloadbalancing", "kms", "logs", "monitoring", "secretsmanager", "ssm", "ssmmessages"],
      service,
    )])
    error_message = "interface_endpoints has ${join(", ", var.interface_endpoints)}; allowed are autoscaling, ec2messages, elasticloadbalancing, kms, logs, monitoring, secretsmanager, ssm and ssmmessages."
  }
}

variable "old_database" {
  description = "Only while the beta's database moves here: the addresses of its servers, and the VPC peering that leads to them."
  type        = object({ cidr = string, peering_connection_id = string })
  default     = null

  validation {
    condition     = var.old_database == null ? true : can(cidrnetmask(var.old_database.cidr)) && try(tonumber(split("/", var.old_database.cidr)[1]) >= 24, false)
    error_message = "old_database.cidr is \"${try(var.old_database.cidr, "")}\"; allowed is an IPv4 range from /24 to /32: servers, not a network."
  }

  validation {
    condition     = var.old_database == null ? true : can(regex("^pcx-", var.old_database.peering_connection_id))
    error_message = "old_database.peering_connection_id is \"${try(var.old_database.peering_connection_id, "")}\"; it must look like pcx-0123456789abcdef0."
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

variable "kms_key_arn" {
  description = "The key that encrypts the flow log."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:", var.kms_key_arn))
    error_message = "kms_key_arn is \"${var.kms_key_arn}\"; it must be the ARN of a KMS key."
  }
}

variable "flow_log_retention_days" {
  description = "How long rejected flows are kept."
  type        = number
  default     = 365

  validation {
    condition     = contains([30, 60, 90, 180, 365, 400, 731], var.flow_log_retention_days)
    error_message = "flow_log_retention_days is ${var.flow_log_retention_days}; allowed are 30, 60, 90, 180, 365, 400 and 731."
  }
}
