variable "release" {
  description = <<-TEXT
    The released `api`: its version, where it lies in S3, and its SHA-256. `install` is "baked" (an image is built
    with it, instances start in seconds) or "boot" (each instance installs it when it starts).
  TEXT
  type = object({
    version = string
    bucket  = string
    key     = string
    sha256  = string
    install = optional(string, "baked")
  })

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", var.release.version))
    error_message = "release.version is \"${var.release.version}\"; it must look like 1.2.3."
  }

  validation {
    condition     = can(regex("^[0-9a-f]{64}$", var.release.sha256))
    error_message = "release.sha256 is \"${var.release.sha256}\"; it must be the 64 hexadecimal digits that sha256sum prints."
  }

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.release.bucket)) && can(regex("^[A-Za-z0-9._/-]+$", var.release.key))
    error_message = "release.bucket is \"${var.release.bucket}\" and key \"${var.release.key}\"; they must name an object in S3 without spaces."
  }

  validation {
    condition     = contains(["baked", "boot"], var.release.install)
    error_message = "release.install is \"${var.release.install}\"; allowed are \"baked\" and \"boot\"."
  }
}
