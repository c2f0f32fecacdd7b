mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name               = "exstrat-test"
  vpc_id             = "vpc-1"
  subnet_ids         = ["subnet-1", "subnet-2"]
  security_group_ids = { balancer = "sg-1", app = "sg-2", builder = "sg-3" }
  kms_key_arn        = "arn:aws:kms:eu-west-3:000000000000:key/test"
  certificate_arn    = "arn:aws:acm:eu-west-3:000000000000:certificate/test"
  topic_arn          = "arn:aws:sns:eu-west-3:000000000000:test"
  fleet              = { min = 2, max = 20, instance_types = ["c7g.large"] }
  safety_net         = { requests_per_target_per_min = 2400 }
  release            = { version = "1.2.3", bucket = "releases", key = "api", sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
  connection = {
    primary_host = "proxy.internal", replica_host = "replica.internal", port = 5432, database = "exstrat", pool_size = 4, rotation_days = 30
    cache_host   = "redis.internal", cache_port = 6379
    secret_arns  = { for of in ["database_a", "database_b", "cache", "jwt", "prices"] : of => "arn:aws:secretsmanager:eu-west-3:000000000000:secret:${of}" }
  }
}

# Else each would be as good as the other.
override_resource {
  target = aws_lb_target_group.this["dashboard"]
  values = { arn = "arn:aws:elasticloadbalancing:eu-west-3:000000000000:targetgroup/dashboard/0", arn_suffix = "targetgroup/dashboard/0" }
}

override_resource {
  target = aws_autoscaling_policy.unattended
  values = { arn = "arn:aws:autoscaling:eu-west-3:000000000000:scalingPolicy:0:autoScalingGroupName/exstrat-test:policyName/unattended" }
}

run "as_it_must_stand" {
  command = apply

  # Reachable from inside alone, by TLS.
  assert {
    condition     = aws_lb.this.internal && aws_lb.this.enable_deletion_protection && aws_lb.this.drop_invalid_header_fields
    error_message = "The load balancer must be internal, protected, and drop malformed headers."
  }

  assert {
    condition     = aws_lb_listener.https.protocol == "HTTPS" && aws_lb_listener.https.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    error_message = "The one listener must speak TLS 1.3, nothing older than 1.2."
  }

  assert {
    condition     = [for log in concat(aws_lb.this.access_logs, aws_lb.this.connection_logs) : log.enabled] == [true, true]
    error_message = "Access and connections must be logged."
  }

  assert {
    condition     = alltrue([for fence in [aws_s3_bucket_public_access_block.logs] : fence.block_public_acls && fence.block_public_policy && fence.ignore_public_acls && fence.restrict_public_buckets])
    error_message = "The bucket of logs must not be public."
  }

  # The objective's own target group.
  assert {
    condition = (
      aws_lb_listener_rule.dashboard.action[0].target_group_arn == aws_lb_target_group.this["dashboard"].arn &&
      aws_lb_listener_rule.dashboard.listener_arn == aws_lb_listener.https.arn &&
      aws_lb_listener.https.default_action[0].target_group_arn == aws_lb_target_group.this["api"].arn &&
      toset(flatten([for c in aws_lb_listener_rule.dashboard.condition : [c.http_request_method[*].values, c.path_pattern[*].values]])) == toset(["GET", "/dashboard"]) &&
      length(aws_lb_listener_rule.dashboard.condition) == 2
    )
    error_message = "GET /dashboard, and nothing else, must go to the target group that has the objective."
  }

  assert {
    condition     = alltrue([for group in aws_lb_target_group.this : group.load_balancing_algorithm_type == "least_outstanding_requests" && tonumber(group.deregistration_delay) == 45 && group.health_check[0].path == "/health/ready"])
    error_message = "Targets must get requests by what is outstanding, be asked whether they are ready, and drain 45 s."
  }

  # The instances.
  assert {
    condition     = aws_launch_template.this.metadata_options[0].http_tokens == "required" && aws_launch_template.this.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "Instances must have IMDSv2 alone, one hop away."
  }

  assert {
    condition     = [for device in aws_launch_template.this.block_device_mappings : "${device.ebs[0].volume_type} ${coalesce(device.ebs[0].encrypted, "plain")} ${coalesce(device.ebs[0].kms_key_id, "AWS's")}"] == ["gp3 true ${var.kms_key_arn}"]
    error_message = "Disks must be gp3, encrypted with the environment's key."
  }

  assert {
    condition     = aws_launch_template.this.image_id == "ami-baked" && !strcontains(base64decode(aws_launch_template.this.user_data), "dnf")
    error_message = "A baked instance must start from the image, and install nothing."
  }

  assert {
    condition     = can(regex("(?s)agent-ctl .*\nsystemctl enable --now --no-block [^\n]*logrotate.timer\n", base64decode(aws_launch_template.this.user_data)))
    error_message = "The agent must start before the API, or an API that fails is not heard of."
  }

  # The weekly image has the name under which it is looked for, and no other release's has.
  assert {
    condition     = startswith(one(aws_imagebuilder_distribution_configuration.api[0].distribution).ami_distribution_configuration[0].name, trimsuffix(one(one(data.aws_ami.api[0].filter).values), "*")) && data.aws_ami.api[0].most_recent && aws_imagebuilder_image_pipeline.api[0].image_recipe_arn == aws_imagebuilder_image_recipe.api[0].arn && strcontains(one(one(data.aws_ami.api[0].filter).values), substr(sha256("${local.install}\n${local.parent_image}\n8"), 0, 8))
    error_message = "An apply must take the newest image of this very release."
  }

  assert {
    condition = { for line in split("\n", output.environment) : split("=", line)[0] => split("=", line)[1] if can(regex("SECRET|PASSWORD|KEY|TOKEN", line)) } == {
      DATABASE_SECRET_A = var.connection.secret_arns.database_a
      DATABASE_SECRET_B = var.connection.secret_arns.database_b
      CACHE_SECRET      = var.connection.secret_arns.cache
      JWT_SECRET_ARN    = var.connection.secret_arns.jwt
      PRICES_SECRET     = var.connection.secret_arns.prices
    } && !strcontains(output.environment, "://")
    error_message = "The configuration may name secrets, not hold them."
  }

  assert {
    condition     = alltrue([for line in ["REDIS_CLUSTER=true", "FLEET_MAX=24", "CLOUDWATCH_NAMESPACE=ExStrat/Api", "POOL_SIZE=4"] : contains(split("\n", output.environment), line)])
    error_message = "The API must know that its Redis is a cluster, how large its fleet gets, and where its metrics go."
  }

  assert {
    condition     = !strcontains(output.environment, "CORS_ORIGINS")
    error_message = "Unless told otherwise, no page of another origin may use the API."
  }

  assert {
    condition     = strcontains(base64decode(aws_launch_template.this.user_data), "cat >/etc/api/settings <<'END'\n${output.environment}END\n")
    error_message = "The settings must be in the launch template, so that its versions differ in them and a rollback has the old ones."
  }

  # The group.
  assert {
    condition     = aws_autoscaling_group.this.health_check_type == "ELB" && aws_autoscaling_group.this.health_check_grace_period == 120 && aws_autoscaling_group.this.default_instance_warmup == 60
    error_message = "The group must believe the load balancer, after a grace."
  }

  assert {
    condition     = aws_autoscaling_group.this.instance_maintenance_policy[0].min_healthy_percentage == 100 && aws_autoscaling_group.this.instance_maintenance_policy[0].max_healthy_percentage == 120
    error_message = "Replacing must add first and take away after."
  }

  assert {
    condition     = length(aws_autoscaling_group.this.instance_refresh) == 0
    error_message = "A refresh by the provider has nothing to go back to; infra/deploy's has."
  }

  # Least privilege.
  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.instance.statement : statement.actions])) == toset([
      "secretsmanager:GetSecretValue", "kms:Decrypt", "logs:CreateLogStream", "logs:PutLogEvents",
      "logs:DescribeLogStreams", "cloudwatch:PutMetricData", "ec2:DescribeTags", "ssm:UpdateInstanceInformation",
      "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ])
    error_message = "The API's role may do exactly this; whoever adds to it adds here."
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.instance.statement : statement.sid => toset(statement.resources) } == {
      Secrets    = toset(values(var.connection.secret_arns))
      Decrypt    = toset([var.kms_key_arn])
      Log        = toset(["${aws_cloudwatch_log_group.api.arn}:*"])
      Metrics    = toset(["*"])
      WhichGroup = toset(["*"])
      Sessions   = toset(["*"])
    }
    error_message = "It may do that to its own secrets, key and log."
  }

  assert {
    condition     = flatten([for statement in data.aws_iam_policy_document.instance.statement : [for only in statement.condition : concat([statement.sid, only.test, only.variable], only.values)]]) == ["Metrics", "StringEquals", "cloudwatch:namespace", "ExStrat/Instances", "ExStrat/Api"]
    error_message = "It may publish into its two namespaces alone."
  }

  assert {
    condition = [for statement in data.aws_iam_policy_document.builder.statement : concat(tolist(statement.actions), tolist(statement.resources))] == [
      tolist(["s3:GetObject", "arn:aws:s3:::releases/api"]), tolist(["kms:Decrypt", var.kms_key_arn])
    ]
    error_message = "The image's builder may fetch the release, and nothing else of ours."
  }

  # The safety net.
  assert {
    condition = (
      aws_autoscaling_policy.unattended.policy_type == "StepScaling" && aws_autoscaling_policy.unattended.adjustment_type == "PercentChangeInCapacity" &&
      [for step in aws_autoscaling_policy.unattended.step_adjustment : step.scaling_adjustment] == [30] && aws_autoscaling_policy.unattended.min_adjustment_magnitude == 2
    )
    error_message = "The safety net may only add, two at least."
  }

  assert {
    condition     = aws_autoscaling_policy.ceiling.target_tracking_configuration[0].disable_scale_in == true && aws_autoscaling_policy.ceiling.target_tracking_configuration[0].target_value == 2400
    error_message = "The ceiling may only add, above what it was told."
  }

  assert {
    condition = { for query in aws_autoscaling_policy.ceiling.target_tracking_configuration[0].customized_metric_specification[0].metrics : query.id => flatten([
      coalesce(query.expression, "-"), query.return_data, [for it in query.metric_stat : [it.stat, it.metric[0].namespace, it.metric[0].metric_name, sort(it.metric[0].dimensions[*].value)]],
      ]) } == {
      requests  = ["SUM([api, dashboard])", true]
      api       = ["-", false, "Sum", "AWS/ApplicationELB", "RequestCountPerTarget", aws_lb.this.arn_suffix, aws_lb_target_group.this["api"].arn_suffix]
      dashboard = ["-", false, "Sum", "AWS/ApplicationELB", "RequestCountPerTarget", aws_lb.this.arn_suffix, "targetgroup/dashboard/0"]
    }
    error_message = "The ceiling must count the requests of both target groups, on an instance."
  }

  assert {
    condition     = one([for query in aws_cloudwatch_metric_alarm.unattended.metric_query : query.expression if query.return_data == true]) == "IF(p95 > 3 AND MAX([heartbeat, TIME_SERIES(0)]) < 1, 1, 0)"
    error_message = "The safety net must act on a slow dashboard without a heartbeat, and only then."
  }

  assert {
    condition = { for query in aws_cloudwatch_metric_alarm.unattended.metric_query : query.id => flatten([for it in query.metric : [it.namespace, it.metric_name, it.stat, it.period, values(it.dimensions)]]) if query.id != "unattended" } == {
      p95       = ["AWS/ApplicationELB", "TargetResponseTime", "p95", 60, aws_lb.this.arn_suffix, "targetgroup/dashboard/0"]
      heartbeat = ["ExStrat/Controller", "Heartbeat", "SampleCount", 60, "exstrat-test"]
    }
    error_message = "It must look at each minute's p95 of the dashboard, and count the heartbeats of this group."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.unattended.treat_missing_data == "notBreaching" && aws_cloudwatch_metric_alarm.unattended.datapoints_to_alarm == 3 && aws_cloudwatch_metric_alarm.unattended.evaluation_periods == 3
    error_message = "No traffic is no alarm; three slow minutes in a row are."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.unattended.alarm_actions == toset([aws_autoscaling_policy.unattended.arn, var.topic_arn]) && aws_cloudwatch_metric_alarm.unattended.ok_actions == toset([var.topic_arn])
    error_message = "The policy must hear of the alarm, and people with it, also when it is over."
  }

  assert {
    condition     = output.heartbeat.dimensions == { AutoScalingGroupName = aws_autoscaling_group.this.name }
    error_message = "The heartbeat must be this group's."
  }
}

# The controller's size stays, although what the code would start with has changed.
run "desired_capacity_is_the_controllers" {
  command = apply

  variables {
    fleet = { min = 4, max = 20, instance_types = ["c7g.large"] }
  }

  assert {
    condition     = aws_autoscaling_group.this.desired_capacity == 2 && aws_autoscaling_group.this.min_size == 4
    error_message = "An apply must leave the desired capacity alone."
  }
}

run "installed_at_boot_mixed_and_with_spot" {
  command = apply

  variables {
    release = { version = "1.2.3", bucket = "releases", key = "api", install = "boot", sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
    fleet   = { min = 2, max = 20, instance_types = ["c7g.large", "c6g.large"], on_demand_percent = 50, grace_s = 300 }
  }

  assert {
    condition     = length(aws_imagebuilder_image.api) == 0 && aws_launch_template.this.image_id == "ami-base" && strcontains(base64decode(aws_launch_template.this.user_data), "${var.release.sha256}  $fetched/api")
    error_message = "Without an image each instance must install the release, by its checksum."
  }

  assert {
    condition     = length(base64decode(aws_launch_template.this.user_data)) < 16384
    error_message = "EC2 takes 16 KiB of user data."
  }

  assert {
    condition     = length(aws_autoscaling_group.this.launch_template) == 0 && aws_autoscaling_group.this.mixed_instances_policy[0].instances_distribution[0].on_demand_base_capacity == 2 && aws_autoscaling_group.this.capacity_rebalance
    error_message = "Several types must make a mixed group, its first instances on demand."
  }
}

run "another_disk_is_another_recipe" {
  command = apply

  variables {
    fleet = { min = 2, max = 20, instance_types = ["c7g.large"], disk_gib = 32 }
  }

  assert {
    condition     = endswith(aws_imagebuilder_image_recipe.api[0].name, substr(sha256("${local.install}\n${local.parent_image}\n32"), 0, 8))
    error_message = "AWS refuses a second recipe of the same name and version."
  }
}

run "a_warm_pool" {
  command = apply

  variables {
    fleet = { min = 2, max = 20, instance_types = ["c7g.large"], warm = 3 }
  }

  assert {
    condition     = aws_autoscaling_group.this.warm_pool[0].pool_state == "Stopped" && aws_autoscaling_group.this.warm_pool[0].min_size == 3
    error_message = "Warm instances must wait stopped."
  }
}

run "pages_elsewhere" {
  command = apply

  variables {
    cors_origins = ["https://beta.example.com", "https://app.example.com:8443"]
  }

  assert {
    condition     = contains(split("\n", output.environment), "CORS_ORIGINS=https://app.example.com:8443,https://beta.example.com")
    error_message = "The API must know the origins of pages elsewhere."
  }
}
