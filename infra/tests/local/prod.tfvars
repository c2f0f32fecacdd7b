# Prod as it is, its sizes reduced by variables alone. The zone is filled in by `apply`.

emails              = ["ops@example.com"]
protect             = false
confirm_unprotected = "prod"
fleet               = { min = 2, max = 4, instance_types = ["t4g.small"] }
cache               = { node_type = "cache.t4g.micro" }

database = {
  instance_class  = "db.t4g.small"
  replica_class   = "db.t4g.small"
  storage_gib     = 20
  max_storage_gib = 40
  max_connections = 100
}

releases = {
  bucket     = "releases"
  api        = { version = "0.1.0", key = "api", sha256 = "0000000000000000000000000000000000000000000000000000000000000000" }
  controller = { version = "0.1.0", key = "controller", sha256 = "0000000000000000000000000000000000000000000000000000000000000000" }
}
