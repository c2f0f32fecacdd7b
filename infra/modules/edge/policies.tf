# A minimum above zero would keep even an answer that says `no-store`.
resource "aws_cloudfront_cache_policy" "public" {
  name        = "${var.name}-public"
  comment     = "The same for everybody: no cookie, no header, no identity"
  min_ttl     = 0
  default_ttl = 30
  max_ttl     = 120

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true

    cookies_config {
      cookie_behavior = "none"
    }

    headers_config {
      header_behavior = "none"
    }

    query_strings_config {
      query_string_behavior = "all"
    }
  }
}

resource "aws_cloudfront_response_headers_policy" "this" {
  name    = "${var.name}-security"
  comment = "What a browser must not do with ExStrat's pages"

  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 63072000
      include_subdomains         = true
      preload                    = true
      override                   = true
    }

    content_type_options {
      override = true
    }

    frame_options {
      frame_option = "DENY"
      override     = true
    }

    referrer_policy {
      referrer_policy = "strict-origin-when-cross-origin"
      override        = true
    }

    content_security_policy {
      content_security_policy = "default-src 'self'; img-src 'self' data: https:; style-src 'self' 'unsafe-inline'; connect-src 'self' wss://${var.domain}; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
      override                = false
    }
  }

  # Nobody needs to know.
  remove_headers_config {
    items {
      header = "Server"
    }
  }
}
