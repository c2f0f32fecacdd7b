# For the exercise alone, by -var-file: small, and gone in the evening. See RUNBOOK.md, "The region is lost".

protect             = false
confirm_unprotected = "recovery"

network = {
  cidr  = "10.40.0.0/16"
  zones = ["eu-west-1a", "eu-west-1b"]
  nat   = "single"
}

fleet      = { min = 2, max = 4, instance_types = ["c7g.large"] }
cache      = { node_type = "cache.t4g.micro" }
controller = { instances = 1, multi_az = false }

# Prod's connections and storage: PostgreSQL follows no log of a server that had more connections, and a restore takes no
# less storage than there was. The class is the smallest that holds so many connections.
database = {
  instance_class  = "db.r7g.large"
  multi_az        = false
  storage_gib     = 200
  max_storage_gib = 1000
  max_connections = 1000
}
