terraform {
  # Not where prod's is, which is lost on the day. The bucket is said to `terraform init`: -backend-config=bucket=NAME
  # (../../state makes it).
  backend "s3" {
    key          = "recovery.tfstate"
    region       = "eu-west-1"
    encrypt      = true
    use_lockfile = true
  }
}
