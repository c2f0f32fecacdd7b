# Values come in by an ephemeral variable and go out by write-only arguments: none is in any state or plan.

locals {
  secrets = {
    database = "The application's role in PostgreSQL; rotated between two users"
    cache    = "The application's user in Redis; rotated"
    jwt      = "Signs the tokens of ExStrat's users"
    prices   = "CoinMarketCap's key, put there by hand; while it is empty, prices are simulated"
  }
}

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:database and cache rotate by the stacks in rotation.tf; jwt by its version, because it signs people out; prices is somebody else's to change.
  for_each = local.secrets

  name                    = "${var.name}/api/${each.key}"
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
    dbname   = aws_db_instance.primary.db_name
    username = aws_db_instance.primary.username
    password = var.passwords.master
  })
}

# The role itself is made in the database by the runbook's first deployment, with this password.
resource "aws_secretsmanager_secret_version" "database" {
  secret_id                = aws_secretsmanager_secret.this["database"].id
  secret_string_wo_version = 1
  secret_string_wo = jsonencode({
    engine    = "postgres"
    host      = aws_db_instance.primary.address
    port      = 5432
    dbname    = aws_db_instance.primary.db_name
    username  = "exstrat_api"
    password  = var.passwords.database
    masterarn = aws_secretsmanager_secret.master.arn
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
