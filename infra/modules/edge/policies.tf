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

# Where the API sees who asks from where, it says itself who may read the answer; a kept answer is the same for all.
resource "aws_cloudfront_response_headers_policy" "this" {
  for_each = { security = [], public = var.cors_origins }

  name    = "${var.name}-${each.key}"
  comment = "What a browser must not do with ExStrat's pages"

  dynamic "cors_config" {
    for_each = length(each.value) > 0 ? [each.value] : []

    content {
      access_control_allow_credentials = false
      access_control_max_age_sec       = 7200
      origin_override                  = true

      access_control_allow_origins {
        items = cors_config.value
      }

      access_control_allow_methods {
        items = ["GET", "HEAD"]
      }

      # Those that the API allows (`src/router/cors.rs`).
      access_control_allow_headers {
        items = ["authorization", "content-type", "if-none-match", "traceparent", "tracestate"]
      }

      access_control_expose_headers {
        items = ["etag", "retry-after", "cache-status", "server-instance"]
      }
    }
  }

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
