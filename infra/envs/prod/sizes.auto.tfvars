# Three zones, one instance at least in each.

region             = "eu-west-3"
recovery_region    = "eu-west-1"
monthly_budget_usd = 4000

# Of the fleet's instance type, by the list price as remembered; the dashboard reckons with it.
instance_usd_per_hour = 0.085

network = {
  cidr                = "10.10.0.0/16"
  zones               = ["eu-west-3a", "eu-west-3b", "eu-west-3c"]
  interface_endpoints = ["secretsmanager", "ssm", "logs", "monitoring"]
}

# Twice what one instance served in milliseconds (api/README.md, "Measured"). Lower, it would add what the controller
# knows to be needless.
safety_net = { requests_per_target_per_min = 120000 }

fleet = { min = 3, max = 40, instance_types = ["c7g.large"] }
cache = { node_type = "cache.r7g.large", shards = 2 }

database = {
  instance_class  = "db.r7g.xlarge"
  replica_class   = "db.r7g.xlarge"
  storage_gib     = 200
  max_storage_gib = 1000
  max_connections = 1000
}
