# The whole of ExStrat in one environment: six modules, and what each tells the next.

locals {
  name = "exstrat-${var.environment}"
}

module "network" {
  source = "../network"

  name                = local.name
  cidr                = var.network.cidr
  zones               = var.network.zones
  nat                 = var.network.nat
  interface_endpoints = var.network.interface_endpoints
  old_database        = var.network.old_database
  kms_key_arn         = aws_kms_key.this.arn
}

module "data" {
  source = "../data"

  providers = {
    aws          = aws
    aws.recovery = aws.recovery
  }

  name               = local.name
  data_subnet_ids    = module.network.data_subnet_ids
  app_subnet_ids     = module.network.app_subnet_ids
  security_group_ids = module.network.security_group_ids
  kms_key_arn        = aws_kms_key.this.arn
  topic_arn          = module.monitoring.topic_arn
  cache_topic_arn    = module.monitoring.cache_topic_arn
  database           = var.database
  cache              = var.cache
  fleet              = { max_instances = var.fleet.max, pool_size = var.pool_size }
  passwords          = var.passwords
  recovery_region    = var.recovery_region
  restore_from       = var.restore_from
  protect            = var.protect
}

module "app" {
  source = "../app"

  name               = local.name
  vpc_id             = module.network.vpc_id
  subnet_ids         = module.network.app_subnet_ids
  security_group_ids = module.network.security_group_ids
  kms_key_arn        = aws_kms_key.this.arn
  certificate_arn    = module.edge.origin_certificate_arn
  connection         = module.data.connection
  cors_origins       = var.cors_origins
  fleet              = var.fleet
  safety_net         = var.safety_net
  release            = merge(var.releases.api, { bucket = var.releases.bucket })
  topic_arn          = module.monitoring.topic_arn
  protect            = var.protect
}

module "edge" {
  source = "../edge"

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  name            = local.name
  domain          = var.domain.name
  zone_id         = var.domain.zone_id
  load_balancer   = module.app.load_balancer
  cors_origins    = var.cors_origins
  requests_per_ip = var.requests_per_ip
  stand_in        = var.stand_in
  stands_in_for   = var.stands_in_for
  emails          = var.emails
  protect         = var.protect
}

module "monitoring" {
  source = "../monitoring"

  name                  = local.name
  kms_key_arn           = aws_kms_key.this.arn
  emails                = var.emails
  load_balancer         = module.app.load_balancer.arn_suffix
  target_groups         = module.app.target_groups
  group_name            = module.app.group_name
  primary_identifier    = module.data.primary_identifier
  replica_identifier    = module.data.replica_identifier
  max_connections       = module.data.max_connections
  cache_node_ids        = module.data.cache_node_ids
  rotation_functions    = module.data.rotation_functions
  heartbeat             = module.app.heartbeat
  controller_log        = module.controller.log_group
  monthly_budget_usd    = var.monthly_budget_usd
  instance_usd_per_hour = var.instance_usd_per_hour
}

module "controller" {
  source = "../controller"

  name               = local.name
  app_subnet_ids     = module.network.app_subnet_ids
  data_subnet_ids    = module.network.data_subnet_ids
  security_group_ids = module.network.security_group_ids
  kms_key_arn        = aws_kms_key.this.arn
  topic_arn          = module.monitoring.topic_arn
  instances          = var.controller.instances
  instance_type      = var.controller.instance_type
  architecture       = var.controller.architecture
  database           = { instance_class = var.controller.database_class, multi_az = var.controller.multi_az }
  policy             = var.controller.policy
  release            = merge(var.releases.controller, { bucket = var.releases.bucket })
  protect            = var.protect

  group = {
    name          = module.app.group_name
    arn           = module.app.group_arn
    load_balancer = module.app.load_balancer.arn_suffix
    target_groups = module.app.target_groups
    heartbeat     = module.app.heartbeat
  }
}
