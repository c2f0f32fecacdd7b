# One zone can be lost without notice, nothing is protected: a place to break things.

region             = "eu-west-3"
protect            = false
monthly_budget_usd = 400

# Of the fleet's instance type, by the list price as remembered; the dashboard reckons with it.
instance_usd_per_hour = 0.019

network = {
  cidr  = "10.30.0.0/16"
  zones = ["eu-west-3a", "eu-west-3b"]
  nat   = "single"
}

fleet      = { min = 2, max = 4, instance_types = ["t4g.small"] }
safety_net = { requests_per_target_per_min = 60000 }
cache      = { node_type = "cache.t4g.micro" }

database = {
  instance_class        = "db.t4g.small"
  multi_az              = false
  storage_gib           = 20
  max_storage_gib       = 50
  max_connections       = 100
  backup_retention_days = 1
}

controller = { instances = 1, multi_az = false }
