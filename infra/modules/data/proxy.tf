# Fifty instances that start at once would each open connections at once; the proxy queues them, and holds clients
# through a failover. It saves no connections: the API sets statement_timeout on each of its own, which pins it to one of
# the database's. It knows only the primary: a replica of an instance cannot stand behind a proxy.
resource "aws_db_proxy" "this" {
  name                   = var.name
  engine_family          = "POSTGRESQL"
  require_tls            = true
  idle_client_timeout    = 1800 # s; the API closes idle connections itself after ten minutes
  role_arn               = aws_iam_role.proxy.arn
  vpc_subnet_ids         = var.data_subnet_ids
  vpc_security_group_ids = [var.security_group_ids.proxy]

  dynamic "auth" {
    for_each = local.database_users

    content {
      auth_scheme               = "SECRETS"
      client_password_auth_type = "POSTGRES_SCRAM_SHA_256"
      iam_auth                  = "DISABLED"
      secret_arn                = aws_secretsmanager_secret.this[auth.key].arn
    }
  }
}

resource "aws_db_proxy_default_target_group" "this" {
  db_proxy_name = aws_db_proxy.this.name

  connection_pool_config {
    max_connections_percent      = local.proxy_percent
    max_idle_connections_percent = 50
    connection_borrow_timeout    = 10 # s, as the API waits for a connection
  }
}

resource "aws_db_proxy_target" "primary" {
  db_proxy_name          = aws_db_proxy.this.name
  target_group_name      = aws_db_proxy_default_target_group.this.name
  db_instance_identifier = aws_db_instance.primary.identifier
}

resource "aws_iam_role" "proxy" {
  name               = "${var.name}-database-proxy"
  assume_role_policy = data.aws_iam_policy_document.trust["rds.amazonaws.com"].json
}

resource "aws_iam_role_policy" "proxy" {
  name   = "read-the-applications-passwords"
  role   = aws_iam_role.proxy.id
  policy = data.aws_iam_policy_document.proxy.json
}

data "aws_iam_policy_document" "proxy" {
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [for of in keys(local.database_users) : aws_secretsmanager_secret.this[of].arn]
  }

  statement {
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${data.aws_region.current.name}.amazonaws.com"]
    }
  }
}

data "aws_region" "current" {}
