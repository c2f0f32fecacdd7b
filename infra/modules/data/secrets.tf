# Values come in by an ephemeral variable and go out by write-only arguments: none is in any state or plan.

locals {
  # Every two months, and a month apart: instances use the one whose password is the newer, and with it the one whose
  # turn is not next (app/instance/api-environment). The proxy knows one password a user, so the user in use must not be
  # rotated: two users of one secret, as AWS's multi-user rotation has them, do not work behind it.
  database_users = {
    database_a = { name = "exstrat_api_a", schedule = "cron(0 3 1 1,3,5,7,9,11 ? *)" }
    database_b = { name = "exstrat_api_b", schedule = "cron(0 3 1 2,4,6,8,10,12 ? *)" }
  }

  secrets = {
    database_a = "The first of the application's two users in PostgreSQL; rotated"
    database_b = "The second of them; rotated a month after the first"
    cache      = "The application's user in Redis; rotated"
    jwt        = "Signs the tokens of ExStrat's users"
    prices     = "CoinMarketCap's key, put there by hand; while it is empty, prices are simulated"
  }
}

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:databases and cache rotate by the stacks in rotation.tf; jwt by its version, because it signs people out; prices is somebody else's to change.
  for_each = local.secrets

  name                    = "${var.name}/api/${replace(each.key, "_", "-")}"
  description             = each.value
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.protect ? 30 : 0
}

# Apart from the others, because no instance may read it: for the first deployment, and for emergencies.
resource "aws_secretsmanager_secret" "master" {
  #checkov:skip=CKV2_AWS_57:It rotates by the stack in rotation.tf.
  name                    = "${var.name}/database-master"
  description             = "PostgreSQL's master; rotated"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.protect ? 30 : 0
}

# In the form that AWS's rotation function reads. What it sets later is none of Terraform's business, until the version
# is raised: then the database and this get a new password in one run.
resource "aws_secretsmanager_secret_version" "master" {
  secret_id                = aws_secretsmanager_secret.master.id
  secret_string_wo_version = var.master_password_version
  secret_string_wo = jsonencode({
    engine   = "postgres"
    host     = aws_db_instance.primary.address
    port     = 5432
    dbname   = local.database_name
    username = aws_db_instance.primary.username
    password = var.passwords.master
  })
}

# The users themselves are made in the database by the runbook's first deployment, each with its password.
resource "aws_secretsmanager_secret_version" "database" {
  for_each = local.database_users

  secret_id                = aws_secretsmanager_secret.this[each.key].id
  secret_string_wo_version = 1
  secret_string_wo = jsonencode({
    engine   = "postgres"
    host     = aws_db_instance.primary.address
    port     = 5432
    dbname   = local.database_name
    username = each.value.name
    password = var.passwords[each.key]
  })
}

resource "aws_secretsmanager_secret_version" "jwt" {
  secret_id                = aws_secretsmanager_secret.this["jwt"].id
  secret_string_wo_version = var.jwt_secret_version
  secret_string_wo         = jsonencode({ secret = var.passwords.jwt })
}

# Terraform writes it once, empty, and never sees what is put there.
resource "aws_secretsmanager_secret_version" "prices" {
  secret_id                = aws_secretsmanager_secret.this["prices"].id
  secret_string_wo_version = 1
  secret_string_wo         = jsonencode({ key = "" })
}
