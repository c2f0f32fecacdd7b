# As prod, smaller: what passes here passes there.

region             = "eu-west-3"
monthly_budget_usd = 900

# Of the fleet's instance type, by the list price as remembered; the dashboard reckons with it.
instance_usd_per_hour = 0.085

network = {
  cidr  = "10.20.0.0/16"
  zones = ["eu-west-3a", "eu-west-3b", "eu-west-3c"]
  nat   = "single"
}

# Twice what one instance served in milliseconds (api/README.md, "Measured"). Lower, it would add what the controller
# knows to be needless.
safety_net = { requests_per_target_per_min = 120000 }

fleet = { min = 2, max = 10, instance_types = ["c7g.large"] }
cache = { node_type = "cache.t4g.small" }

database = {
  instance_class  = "db.m7g.large"
  replica_class   = "db.m7g.large"
  storage_gib     = 50
  max_storage_gib = 200
  max_connections = 400
}
