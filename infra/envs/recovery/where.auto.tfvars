# Prod's sizes, in another place. Read after them, in the order of names, and so over them.

region          = "eu-west-1"
recovery_region = null # prod's, to go back: RUNBOOK.md, "The region is lost"

# No address in common with prod's, so that a peering is possible.
network = {
  cidr                = "10.40.0.0/16"
  zones               = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
  interface_endpoints = ["secretsmanager", "ssm", "logs", "monitoring"]
}
