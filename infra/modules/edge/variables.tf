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
