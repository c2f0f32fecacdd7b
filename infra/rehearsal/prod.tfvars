# Prod as it is, its sizes reduced by variables alone. The domain is added, because its zone is made first.

emails              = ["ops@example.com"]
protect             = false
confirm_unprotected = "prod"
fleet               = { min = 3, max = 16, instance_types = ["t4g.small"] }
safety_net          = { minutes = 2, requests_per_target_per_min = 120000 }
cache               = { node_type = "cache.t4g.micro", shards = 2 }

database = {
  instance_class  = "db.t4g.small"
  replica_class   = "db.t4g.small"
  storage_gib     = 20
  max_storage_gib = 40
  max_connections = 120
}

releases = {
  bucket     = "releases"
  api        = { version = "0.1.0", key = "api", sha256 = "0000000000000000000000000000000000000000000000000000000000000000" }
  controller = { version = "0.1.0", key = "controller", sha256 = "0000000000000000000000000000000000000000000000000000000000000000" }
}
