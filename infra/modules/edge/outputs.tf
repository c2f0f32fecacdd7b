output "address" {
  description = "Where ExStrat is."
  value       = "https://${var.domain}"
}

output "distribution_id" {
  description = "The distribution, for invalidations and for CloudWatch's dimensions."
  value       = aws_cloudfront_distribution.this.id
}

output "assets_bucket" {
  description = "Where the web front end's files go."
  value       = aws_s3_bucket.assets.id
}

output "origin_certificate_arn" {
  description = "The load balancer's certificate, once it is issued."
  value       = aws_acm_certificate_validation.origin.certificate_arn
}

output "stand_in" {
  description = "Our origins, as the `stand_in` of an environment that we stand in for."
  value       = local.own_origins
}
