terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
      # What CloudFront uses, its certificate and its firewall, lives in us-east-1 only; copies of backups elsewhere.
      configuration_aliases = [aws.us_east_1, aws.recovery]
    }
  }
}
