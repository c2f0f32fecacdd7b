terraform {
  # The bucket is said to `terraform init`: -backend-config=bucket=NAME (../../state makes it).
  backend "s3" {
    key          = "staging.tfstate"
    region       = "eu-west-3"
    encrypt      = true
    use_lockfile = true
  }
}
