# How many connections there can be, and how many are asked for. `fleet`'s validation and
# the parameter group's precondition compare.

locals {
  # GiB by class, as AWS lists them.
  memory_gib = {
    "db.t4g.micro"   = 1
    "db.t4g.small"   = 2
    "db.t4g.medium"  = 4
    "db.t4g.large"   = 8
    "db.m7g.large"   = 8
    "db.m7g.xlarge"  = 16
    "db.m7g.2xlarge" = 32
    "db.r7g.large"   = 16
    "db.r7g.xlarge"  = 32
    "db.r7g.2xlarge" = 64
    "db.r7g.4xlarge" = 128
  }

  smallest_memory_gib = min([
    for class in compact([var.database.instance_class, var.database.replica_class]) : lookup(local.memory_gib, class, 0)
  ]...)
  connections_that_fit = min(5000, floor(local.smallest_memory_gib * 1024 * 1024 * 1024 / 9531392))

  # A tenth is for superusers, replication, monitoring, rotation and people.
  proxy_percent       = 90
  connections_offered = floor(var.database.max_connections * local.proxy_percent / 100)

  # Each of the API's connections is one of the database's, through the proxy too, which they are pinned to. The
  # group's maintenance policy lets a deploy run a fifth more instances.
  deploy_surge = 1.2

  # An instance has its pool on each server, and at times one connection beside it on the primary (api/README.md).
  beside_the_pool = 1
}
