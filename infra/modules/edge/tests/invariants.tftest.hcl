mock_provider "aws" {
  source = "../../tests/mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "../../tests/mocks"
}

variables {
  name          = "exstrat-test"
  domain        = "app.example.com"
  zone_id       = "Z0123456789ABC"
  emails        = ["ops@example.com"]
  load_balancer = { arn = "arn:aws:elasticloadbalancing:eu-west-3:000000000000:loadbalancer/app/test/0", dns_name = "internal.example.com", zone_id = "Z0123456789ABD" }
}

run "private_is_never_cached" {
  command = apply

  assert {
    condition     = aws_cloudfront_distribution.this.default_cache_behavior[0].cache_policy_id == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    error_message = "Whatever has no behaviour of its own must not be cached (AWS's policy CachingDisabled)."
  }

  assert {
    condition = toset([
      for behaviour in aws_cloudfront_distribution.this.ordered_cache_behavior : behaviour.path_pattern if behaviour.target_origin_id == "api"
    ]) == toset(["/public/*", "/portfolios/templates/*"])
    error_message = "Of the API, only the public paths may be cached."
  }

  assert {
    condition = alltrue([
      for behaviour in aws_cloudfront_distribution.this.ordered_cache_behavior :
      behaviour.cache_policy_id == aws_cloudfront_cache_policy.public.id && coalesce(behaviour.origin_request_policy_id, "none") == "none"
      if behaviour.target_origin_id == "api"
    ])
    error_message = "A public path must use the public policy, and send nothing of the viewer's along."
  }

  assert {
    condition     = aws_cloudfront_cache_policy.public.min_ttl == 0 && aws_cloudfront_cache_policy.public.default_ttl == 30 && aws_cloudfront_cache_policy.public.max_ttl == 120
    error_message = "A minimum above 0 would keep even `private, no-store`; public is 30 s, at most 120."
  }

  assert {
    condition     = aws_cloudfront_cache_policy.public.parameters_in_cache_key_and_forwarded_to_origin[0].cookies_config[0].cookie_behavior == "none" && aws_cloudfront_cache_policy.public.parameters_in_cache_key_and_forwarded_to_origin[0].headers_config[0].header_behavior == "none"
    error_message = "No cookie and no header, Authorization above all, may reach a path that is shared."
  }

  assert {
    condition     = alltrue([for policy in aws_cloudfront_response_headers_policy.this : length(policy.cors_config) == 0 && policy.security_headers_config[0].frame_options[0].frame_option == "DENY"])
    error_message = "Unless told otherwise, no page of another origin may read anything, and none may frame ours."
  }

  # Reachable by CloudFront alone, and by TLS alone.
  assert {
    condition     = alltrue([for behaviour in concat(aws_cloudfront_distribution.this.default_cache_behavior, aws_cloudfront_distribution.this.ordered_cache_behavior) : behaviour.viewer_protocol_policy == "redirect-to-https" && behaviour.compress])
    error_message = "Users must come by TLS, and get what they ask for compressed."
  }

  assert {
    condition     = aws_cloudfront_vpc_origin.api.vpc_origin_endpoint_config[0].origin_protocol_policy == "https-only" && aws_cloudfront_vpc_origin.api.vpc_origin_endpoint_config[0].arn == var.load_balancer.arn && [for origin in aws_cloudfront_distribution.this.origin : origin.vpc_origin_config[*].vpc_origin_id if origin.origin_id == "api"] == [tolist([aws_cloudfront_vpc_origin.api.id])]
    error_message = "CloudFront must ask the load balancer inside the VPC, by TLS."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.http_version == "http2and3" && aws_cloudfront_distribution.this.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021"
    error_message = "HTTP/3 must be on, and nothing older than TLS 1.2."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.web_acl_id == aws_wafv2_web_acl.this.arn && aws_wafv2_web_acl.this.scope == "CLOUDFRONT"
    error_message = "The firewall must stand before the distribution."
  }

  assert {
    condition = { for rule in aws_wafv2_web_acl.this.rule : rule.name => flatten([
      [for rate in rule.statement[0].rate_based_statement : [rate.aggregate_key_type, rate.limit, rate.scope_down_statement[*].byte_match_statement[0].search_string]], length(rule.action[0].block)
      ]) if length(rule.action) > 0 } == {
      requests-per-address = ["IP", 3000, 1]
      sign-ins-per-address = ["IP", 100, "/auth/", 1]
    }
    error_message = "The firewall must refuse addresses that ask too much, and below /auth/ sooner."
  }

  assert {
    condition = { for rule in aws_wafv2_web_acl.this.rule : rule.name => flatten([
      [for group in rule.statement[0].managed_rule_group_statement : [group.vendor_name, group.name, group.rule_action_override[*].name]], length(rule.override_action[0].none)
      ]) if length(rule.override_action) > 0 } == {
      AWSManagedRulesAmazonIpReputationList = ["AWS", "AWSManagedRulesAmazonIpReputationList", 1]
      AWSManagedRulesKnownBadInputsRuleSet  = ["AWS", "AWSManagedRulesKnownBadInputsRuleSet", 1]
      AWSManagedRulesSQLiRuleSet            = ["AWS", "AWSManagedRulesSQLiRuleSet", 1]
      AWSManagedRulesCommonRuleSet          = ["AWS", "AWSManagedRulesCommonRuleSet", "SizeRestrictions_BODY", 1]
    }
    error_message = "AWS's four rule groups must refuse, all but the one that the API's batches break."
  }

  assert {
    condition = { for rule in aws_wafv2_web_acl.this.rule : rule.name => rule.priority if startswith(rule.name, "AWS") } == {
      AWSManagedRulesAmazonIpReputationList = 10, AWSManagedRulesKnownBadInputsRuleSet = 11, AWSManagedRulesSQLiRuleSet = 12, AWSManagedRulesCommonRuleSet = 13
    }
    error_message = "Addresses must be asked for first, what a body looks like last."
  }

  assert {
    condition     = length(distinct([for rule in aws_wafv2_web_acl.this.rule : rule.priority])) == length(aws_wafv2_web_acl.this.rule)
    error_message = "No two rules may have the same priority."
  }

  assert {
    condition     = alltrue([for behaviour in concat(aws_cloudfront_distribution.this.default_cache_behavior, aws_cloudfront_distribution.this.ordered_cache_behavior) : contains([for policy in aws_cloudfront_response_headers_policy.this : policy.id], behaviour.response_headers_policy_id)]) && alltrue([for policy in aws_cloudfront_response_headers_policy.this : policy.security_headers_config[0].strict_transport_security[0].access_control_max_age_sec >= 31536000])
    error_message = "Every answer must have the security headers, a year of HSTS among them."
  }

  assert {
    condition     = one([for origin in aws_cloudfront_distribution.this.origin : origin.origin_access_control_id if origin.origin_id == "assets"]) == aws_cloudfront_origin_access_control.assets.id && aws_cloudfront_origin_access_control.assets.signing_behavior == "always"
    error_message = "CloudFront must sign what it asks S3."
  }

  # The buckets.
  assert {
    condition     = toset(keys(aws_s3_bucket_public_access_block.this)) == toset(["assets", "logs"]) && alltrue([for block in aws_s3_bucket_public_access_block.this : block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets])
    error_message = "No bucket may be public."
  }

  assert {
    condition = { for of, document in { assets = data.aws_iam_policy_document.assets, logs = data.aws_iam_policy_document.logs } : of => flatten([
      for statement in document.statement : [coalesce(statement.effect, "Allow"), tolist(statement.actions), [for only in statement.condition : [only.variable, only.values]]]
      ]) } == {
      assets = ["Allow", "s3:GetObject", "AWS:SourceArn", aws_cloudfront_distribution.this.arn, "Deny", "s3:*", "aws:SecureTransport", "false"]
      logs   = ["Allow", "s3:PutObject", "aws:SourceAccount", "000000000000", "Deny", "s3:*", "aws:SecureTransport", "false"]
    }
    error_message = "Only this distribution may read the assets, only this account's delivery may write logs, and by TLS."
  }

  assert {
    condition     = toset(keys(aws_s3_bucket_server_side_encryption_configuration.this)) == toset(["assets", "logs"]) && toset(keys(aws_s3_bucket_versioning.this)) == toset(["assets", "logs"])
    error_message = "Both buckets must be encrypted, and keep what was there before."
  }

  # What users get is watched where its metric is.
  assert {
    condition     = aws_cloudwatch_metric_alarm.failing.metric_name == "5xxErrorRate" && aws_cloudwatch_metric_alarm.failing.dimensions == tomap({ DistributionId = aws_cloudfront_distribution.this.id, Region = "Global" }) && aws_cloudwatch_metric_alarm.failing.threshold == 1 && alltrue([for actions in [aws_cloudwatch_metric_alarm.failing.alarm_actions, aws_cloudwatch_metric_alarm.failing.ok_actions] : actions == toset([aws_sns_topic.this.arn])])
    error_message = "CloudFront's 5xx must have an alarm that says when it begins and when it ends."
  }

  assert {
    condition     = aws_sns_topic.this.kms_master_key_id == aws_kms_key.topic.arn && aws_kms_key.topic.enable_key_rotation && length(aws_sns_topic_subscription.email) == 1
    error_message = "The alarm's topic must be encrypted by a key of its own, and somebody must hear it."
  }
}

run "pages_elsewhere_read_what_is_public" {
  command = apply

  variables {
    cors_origins = ["https://beta.example.com"]
  }

  assert {
    condition = (
      aws_cloudfront_response_headers_policy.this["public"].cors_config[0].access_control_allow_origins[0].items == toset(["https://beta.example.com"]) &&
      length(aws_cloudfront_response_headers_policy.this["security"].cors_config) == 0
    )
    error_message = "Pages elsewhere must be let in by name, by CloudFront on the public paths and by the API on its own."
  }

  assert {
    condition = alltrue([
      for behaviour in aws_cloudfront_distribution.this.ordered_cache_behavior :
      (behaviour.response_headers_policy_id == aws_cloudfront_response_headers_policy.this["public"].id) == (behaviour.cache_policy_id == aws_cloudfront_cache_policy.public.id)
    ])
    error_message = "The public paths, and no others, must have the public policy."
  }
}

# Another region answers users: by the origins alone.
run "another_environment_stands_in" {
  command = apply

  variables {
    stand_in = { vpc_origin_id = "vo_recovery", api_domain = "origin.recovery.example.com", assets_domain = "recovery.s3.eu-west-1.amazonaws.com" }
  }

  assert {
    condition = {
      for origin in aws_cloudfront_distribution.this.origin : origin.origin_id => join(" ", concat([origin.domain_name], origin.vpc_origin_config[*].vpc_origin_id))
    } == { api = "origin.recovery.example.com vo_recovery", assets = "recovery.s3.eu-west-1.amazonaws.com" }
    error_message = "Both origins must be those of the environment that stands in."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.aliases == toset([var.domain]) && output.stand_in.api_domain == "origin.app.example.com" && output.stand_in.vpc_origin_id == aws_cloudfront_vpc_origin.api.id
    error_message = "Users must keep their name, and what is told to others must be our own origins."
  }
}

run "it_stands_in" {
  command = apply

  variables {
    stands_in_for = "E2EXAMPLE1ABC"
  }

  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.assets.statement : [for condition in statement.condition : condition.values if condition.variable == "AWS:SourceArn"]])) == toset([
      aws_cloudfront_distribution.this.arn, "arn:aws:cloudfront::000000000000:distribution/E2EXAMPLE1ABC",
    ])
    error_message = "The distribution that users have must read our assets, and no third one."
  }

  assert {
    condition     = { for origin in aws_cloudfront_distribution.this.origin : origin.origin_id => origin.domain_name } == { api = "origin.app.example.com", assets = "test.s3.eu-west-3.amazonaws.com" }
    error_message = "Our own distribution must ask our own origins."
  }
}
