# Private unless said otherwise: the default behaviour caches nothing. So a route that somebody adds to the API
# tomorrow, and tells nobody, is private.

locals {
  # AWS's own policies; their ids are the same in every account.
  caching_disabled       = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
  caching_optimized      = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  all_viewer_except_host = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
  every_method           = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
  reading                = ["GET", "HEAD", "OPTIONS"]
  origin_domain          = "origin.${var.domain}"

  # Ours, or for as long as our region is lost another environment's: the distribution, its name and its certificate are
  # global and stay, so no name in DNS changes and none has to be moved from one distribution to another.
  own_origins = {
    vpc_origin_id = aws_cloudfront_vpc_origin.api.id
    api_domain    = local.origin_domain
    assets_domain = aws_s3_bucket.assets.bucket_regional_domain_name
  }
  origins = var.stand_in == null ? local.own_origins : var.stand_in
}

resource "aws_cloudfront_distribution" "this" {
  #checkov:skip=CKV_AWS_310:The load balancer spans three zones; a second origin would be a second region, and fails over for reading alone.
  #checkov:skip=CKV_AWS_374:ExStrat serves everywhere.
  #checkov:skip=CKV_AWS_86:Logging version 2, in logs.tf, which the check does not know.
  #checkov:skip=CKV2_AWS_47:Known bad inputs, Log4j among them, are in firewall.tf; the check does not follow the count.
  comment             = var.name
  enabled             = true
  is_ipv6_enabled     = true
  http_version        = "http2and3"
  price_class         = var.price_class
  aliases             = [var.domain]
  default_root_object = "index.html"
  web_acl_id          = aws_wafv2_web_acl.this.arn

  origin {
    origin_id   = "api"
    domain_name = local.origins.api_domain

    vpc_origin_config {
      vpc_origin_id            = local.origins.vpc_origin_id
      origin_read_timeout      = 35 # s; the API gives a request 30
      origin_keepalive_timeout = 30
    }
  }

  origin {
    origin_id                = "assets"
    domain_name              = local.origins.assets_domain
    origin_access_control_id = aws_cloudfront_origin_access_control.assets.id
  }

  default_cache_behavior {
    target_origin_id           = "api"
    allowed_methods            = local.every_method
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = local.caching_disabled
    origin_request_policy_id   = local.all_viewer_except_host
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this["security"].id
    viewer_protocol_policy     = "redirect-to-https"
    compress                   = true
  }

  dynamic "ordered_cache_behavior" {
    for_each = var.static_paths

    content {
      path_pattern               = ordered_cache_behavior.value
      target_origin_id           = "assets"
      allowed_methods            = local.reading
      cached_methods             = ["GET", "HEAD"]
      cache_policy_id            = local.caching_optimized
      response_headers_policy_id = aws_cloudfront_response_headers_policy.this["security"].id
      viewer_protocol_policy     = "redirect-to-https"
      compress                   = true
    }
  }

  dynamic "ordered_cache_behavior" {
    for_each = var.public_paths

    content {
      path_pattern               = ordered_cache_behavior.value
      target_origin_id           = "api"
      allowed_methods            = local.reading
      cached_methods             = ["GET", "HEAD"]
      cache_policy_id            = aws_cloudfront_cache_policy.public.id
      response_headers_policy_id = aws_cloudfront_response_headers_policy.this["public"].id
      viewer_protocol_policy     = "redirect-to-https"
      compress                   = true
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = aws_acm_certificate_validation.edge.certificate_arn
    minimum_protocol_version = "TLSv1.2_2021"
    ssl_support_method       = "sni-only"
  }
}

# Inside the VPC: no address of the load balancer is public, and no other account's CloudFront can reach it.
resource "aws_cloudfront_vpc_origin" "api" {
  vpc_origin_endpoint_config {
    name                   = "${var.name}-api"
    arn                    = var.load_balancer.arn
    http_port              = 80
    https_port             = 443
    origin_protocol_policy = "https-only"

    origin_ssl_protocols {
      items    = ["TLSv1.2"]
      quantity = 1
    }
  }
}
