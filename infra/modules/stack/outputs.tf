output "address" {
  description = "Where ExStrat is."
  value       = module.edge.address
}

output "controller_configuration" {
  description = "The controller's configuration file, as its instances read it."
  value       = module.controller.configuration
}

output "controller_policy" {
  description = "What the daemon's calls are allowed, as IAM has it."
  value       = module.controller.policy
}

output "controller_role_arn" {
  description = "The daemons' role."
  value       = module.controller.role_arn
}

output "api_environment" {
  description = "The API's configuration, without its secrets."
  value       = module.app.environment
}

output "group_name" {
  description = "The Auto Scaling group that the controller resizes."
  value       = module.app.group_name
}

output "heartbeat" {
  description = "The metric that tells AWS of a living controller."
  value       = module.app.heartbeat
}

output "runbook" {
  description = "Names that the runbook's commands need."
  value = {
    name               = local.name
    region             = data.aws_region.current.name
    primary_address    = module.data.primary_address
    primary_identifier = module.data.primary_identifier
    master_secret      = module.data.master_secret_arn
    api_secrets        = module.data.connection.secret_arns
    controller_group   = module.controller.group_name
    assets_bucket      = module.edge.assets_bucket
    distribution       = module.edge.distribution_id
    stand_in           = module.edge.stand_in
    dashboard          = module.monitoring.dashboard
    topic              = module.monitoring.topic_arn
    rollback_alarms    = module.monitoring.rollback_alarms
  }
}
