# Every environment, by symbolic links; each has only its sizes and the place of its state (envs/NAME).

terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

locals {
  # The folder's name, so that no variable can put one environment's sizes onto another's state.
  environment = basename(abspath(path.root))
  tags        = { Project = "exstrat", Environment = local.environment, ManagedBy = "terraform" }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = local.tags
  }
}

provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"

  default_tags {
    tags = local.tags
  }
}

# Copies of the backups alone. Without them it has no work, and is where everything is.
provider "aws" {
  alias  = "recovery"
  region = coalesce(var.recovery_region, var.region)

  default_tags {
    tags = local.tags
  }
}

module "exstrat" {
  source = "../../modules/stack"

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
    aws.recovery  = aws.recovery
  }

  environment           = local.environment
  protect               = var.protect
  confirm_unprotected   = var.confirm_unprotected
  domain                = var.domain
  emails                = var.emails
  releases              = var.releases
  requests_per_ip       = var.requests_per_ip
  monthly_budget_usd    = var.monthly_budget_usd
  instance_usd_per_hour = var.instance_usd_per_hour
  network               = var.network
  cors_origins          = var.cors_origins
  stand_in              = var.stand_in
  stands_in_for         = var.stands_in_for
  fleet                 = var.fleet
  safety_net            = var.safety_net
  pool_size             = var.pool_size
  database              = var.database
  recovery_region       = var.recovery_region
  restore_from          = var.restore_from
  cache                 = var.cache
  controller            = var.controller

  passwords = {
    master     = ephemeral.aws_secretsmanager_random_password.master.random_password
    database_a = ephemeral.aws_secretsmanager_random_password.database_a.random_password
    database_b = ephemeral.aws_secretsmanager_random_password.database_b.random_password
    jwt        = ephemeral.aws_secretsmanager_random_password.jwt.random_password
  }
}

# Drawn in every run, used in the first: no state and no plan holds them.
ephemeral "aws_secretsmanager_random_password" "master" {
  password_length     = 32
  exclude_punctuation = true
}

ephemeral "aws_secretsmanager_random_password" "database_a" {
  password_length     = 32
  exclude_punctuation = true
}

ephemeral "aws_secretsmanager_random_password" "database_b" {
  password_length     = 32
  exclude_punctuation = true
}

ephemeral "aws_secretsmanager_random_password" "jwt" {
  password_length     = 64
  exclude_punctuation = true
}
