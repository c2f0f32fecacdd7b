terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
      # Where copies of the backups are kept.
      configuration_aliases = [aws.recovery]
    }
  }
}
