variable "name" {
  description = "Prefix of every name, such as exstrat-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,22}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\"; allowed are 4 to 24 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "domain" {
  description = "The name that users type, such as app.example.com."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain is \"${var.domain}\"; it must be a host name in lower case, such as app.example.com."
  }
}

variable "zone_id" {
  description = "The Route 53 zone of the domain: certificates prove themselves there, and the names point here."
  type        = string

  validation {
    condition     = can(regex("^[A-Z0-9]{8,32}$", var.zone_id))
    error_message = "zone_id is \"${var.zone_id}\"; it must look like Z0123456789ABCDEFGHIJ."
  }
}

variable "load_balancer" {
  description = "The load balancer behind: the app module's output of the same name."
  type        = object({ arn = string, dns_name = string, zone_id = string })

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:elasticloadbalancing:.*:loadbalancer/app/", var.load_balancer.arn))
    error_message = "load_balancer.arn is \"${var.load_balancer.arn}\"; it must be the ARN of an application load balancer."
  }
}

variable "public_paths" {
  description = "Paths whose answers are the same for everybody: kept 30 s, at most 120 s. Everything else is private."
  type        = list(string)
  default     = ["/public/*", "/portfolios/templates/*"]

  validation {
    condition     = alltrue([for path in var.public_paths : can(regex("^/(public|portfolios/templates)/[A-Za-z0-9_*-]", path))])
    error_message = "public_paths is [${join(", ", var.public_paths)}]; allowed are paths below /public/ and /portfolios/templates/: another user's data must never be served, so a path is private until it is put on this list here, in the code."
  }

  validation {
    condition     = length(var.public_paths) + length(var.static_paths) <= 24
    error_message = "public_paths and static_paths have ${length(var.public_paths) + length(var.static_paths)} entries; CloudFront takes 24 beside the default."
  }
}

variable "static_paths" {
  description = "Files of the web front end, from S3."
  type        = list(string)
  default     = ["/", "/index.html", "/service-worker.js", "/manifest.webmanifest", "/favicon.ico", "/assets/*"]

  validation {
    condition     = alltrue([for path in var.static_paths : path == "/" || can(regex("^/assets/", path)) || can(regex("^/[A-Za-z0-9_-]+\\.[a-z]+$", path))])
    error_message = "static_paths is [${join(", ", var.static_paths)}]; allowed are /, paths below /assets/ and single files such as /favicon.ico: a wider one would take the API's paths."
  }
}

variable "cors_origins" {
  description = "Pages of these origins may read the public paths, besides the domain's: CloudFront says so there, since it sends nothing of the viewer's to the API. On the other paths the API does."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.cors_origins : can(regex("^https://[a-z0-9.-]+(:[0-9]+)?$", origin))])
    error_message = "cors_origins is [${join(", ", var.cors_origins)}]; allowed are origins as browsers send them, such as https://app.example.com, with nothing after the host but a port."
  }
}

variable "requests_per_ip" {
  description = "Requests that one address may send in five minutes before the firewall refuses it."
  type        = number
  default     = 3000

  validation {
    condition     = var.requests_per_ip >= 100 && var.requests_per_ip <= 2000000
    error_message = "requests_per_ip is ${var.requests_per_ip}; allowed is 100 to 2,000,000."
  }
}

variable "sign_ins_per_ip" {
  description = "Requests below /auth/ that one address may send in five minutes."
  type        = number
  default     = 100

  validation {
    condition     = var.sign_ins_per_ip >= 10 && var.sign_ins_per_ip <= 10000
    error_message = "sign_ins_per_ip is ${var.sign_ins_per_ip}; allowed is 10 to 10,000."
  }
}

variable "price_class" {
  description = "Which of CloudFront's places serve: PriceClass_100 is Europe and North America."
  type        = string
  default     = "PriceClass_100"

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "price_class is \"${var.price_class}\"; allowed are PriceClass_100, PriceClass_200 and PriceClass_All."
  }
}

variable "stand_in" {
  description = "The origins of another environment that answer users in place of ours, as its output `runbook.stand_in` tells them; null: ours do."
  type        = object({ vpc_origin_id = string, api_domain = string, assets_domain = string })
  default     = null

  validation {
    condition     = var.stand_in == null ? true : can(regex("^vo_[A-Za-z0-9]+$", var.stand_in.vpc_origin_id))
    error_message = "stand_in.vpc_origin_id is \"${try(var.stand_in.vpc_origin_id, "")}\"; it must look like vo_0123456789abcdef."
  }

  validation {
    condition     = var.stand_in == null ? true : alltrue([for domain in [var.stand_in.api_domain, var.stand_in.assets_domain] : can(regex("^[a-z0-9][a-z0-9.-]+\\.[a-z]{2,}$", domain))])
    error_message = "stand_in.api_domain is \"${try(var.stand_in.api_domain, "")}\" and assets_domain \"${try(var.stand_in.assets_domain, "")}\"; both must be host names in lower case."
  }
}

variable "stands_in_for" {
  description = "The id of another environment's distribution that may ask our origins, since we stand in for it; null: none may."
  type        = string
  default     = null

  validation {
    condition     = var.stands_in_for == null ? true : can(regex("^E[A-Z0-9]+$", var.stands_in_for))
    error_message = "stands_in_for is \"${coalesce(var.stands_in_for, "null")}\"; it must look like E2EXAMPLE1ABC."
  }
}

variable "emails" {
  description = "Who is told of what fails. Each has to confirm a first message."
  type        = set(string)

  validation {
    condition     = length(var.emails) >= 1 && alltrue([for email in var.emails : can(regex("^[^@ ]+@[^@ ]+\\.[a-z]{2,}$", email))])
    error_message = "emails is [${join(", ", var.emails)}]; one address or more is needed: an alarm that nobody hears is none."
  }
}

variable "protect" {
  description = "Keeps assets and logs when all is torn down."
  type        = bool
  default     = true
}
