mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name                  = "exstrat-test"
  kms_key_arn           = "arn:aws:kms:eu-west-3:000000000000:key/test"
  emails                = ["ops@example.com"]
  load_balancer         = "app/test/0"
  target_groups         = { dashboard = "targetgroup/dashboard/0", api = "targetgroup/api/0" }
  group_name            = "exstrat-test"
  primary_identifier    = "exstrat-test"
  replica_identifier    = "exstrat-test-replica"
  max_connections       = 1000
  cache_node_ids        = ["exstrat-test-0001-001"]
  rotation_functions    = { database = "exstrat-test-database-rotation", cache = "exstrat-test-cache-rotation" }
  heartbeat             = { namespace = "ExStrat/Controller", metric_name = "Heartbeat", dimensions = { AutoScalingGroupName = "exstrat-test" } }
  controller_log        = "/exstrat-test/controller"
  monthly_budget_usd    = 1000
  instance_usd_per_hour = 0.085
}

# Else each topic would be as good as the other.
override_resource {
  target          = aws_sns_topic.cache
  override_during = plan
  values          = { arn = "arn:aws:sns:eu-west-3:000000000000:test-cache" }
}

run "bad_values" {
  command = plan

  variables {
    name                  = "1"
    kms_key_arn           = "key"
    emails                = []
    objective             = { p95_s = 5, p99_s = 3 }
    monthly_budget_usd    = 0
    instance_usd_per_hour = 0
    load_balancer         = "arn:aws:elasticloadbalancing:eu-west-3:000000000000:loadbalancer/app/test/0"
    target_groups         = { dashboard = "dashboard", api = "targetgroup/api/0" }
    group_name            = ""
    primary_identifier    = ""
    replica_identifier    = ""
    max_connections       = 0
    cache_node_ids        = []
    rotation_functions    = {}
    heartbeat             = { namespace = "AWS/EC2", metric_name = "Heartbeat", dimensions = {} }
    controller_log        = ""
  }

  expect_failures = [
    var.name, var.kms_key_arn, var.emails, var.objective, var.monthly_budget_usd, var.instance_usd_per_hour,
    var.load_balancer, var.target_groups, var.group_name, var.primary_identifier, var.replica_identifier, var.max_connections, var.cache_node_ids,
    var.rotation_functions, var.heartbeat, var.controller_log,
  ]
}

run "no_budget_for_errors_and_no_address" {
  command = plan

  variables {
    emails    = ["ops"]
    objective = { success = 1 }
  }

  expect_failures = [var.emails, var.objective]
}

run "everything_that_was_asked_for_is_watched" {
  command = plan

  assert {
    condition = toset(concat(keys(aws_cloudwatch_metric_alarm.above), keys(aws_cloudwatch_composite_alarm.burn))) == toset([
      "p95", "p99", "refused", "rejected", "unhealthy", "database-cpu", "database-connections", "replica-lag",
      "replica-cpu", "replica-connections",
      "cache-evictions-exstrat-test-0001-001", "rotation-database", "rotation-cache", "fast", "slow",
    ])
    error_message = "An alarm is missing, or new."
  }

  assert {
    condition = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.above), values(aws_cloudwatch_composite_alarm.burn), values(aws_cloudwatch_metric_alarm.capacity), [
      aws_cloudwatch_metric_alarm.storage, aws_cloudwatch_metric_alarm.heartbeat,
    ]) : alarm.alarm_actions == toset([aws_sns_topic.this.arn]) && alarm.ok_actions == toset([aws_sns_topic.this.arn])])
    error_message = "Every alarm must say when it begins and when it ends."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.above["p95"].datapoints_to_alarm == 3 && aws_cloudwatch_metric_alarm.above["p95"].evaluation_periods == 5 && aws_cloudwatch_metric_alarm.above["p95"].evaluate_low_sample_count_percentiles == "ignore" && aws_cloudwatch_metric_alarm.above["p95"].treat_missing_data == "notBreaching"
    error_message = "The p95 must be bad in three of five minutes; few samples prove nothing, none are no traffic."
  }

  assert {
    condition = { for percentile in ["p95", "p99"] : percentile => concat([for alarm in [aws_cloudwatch_metric_alarm.above[percentile]] : join(" ", concat([alarm.metric_name, alarm.extended_statistic, alarm.threshold, alarm.period], values(alarm.dimensions)))]) } == {
      p95 = ["TargetResponseTime p95 3 60 app/test/0 targetgroup/dashboard/0"]
      p99 = ["TargetResponseTime p99 5 60 app/test/0 targetgroup/dashboard/0"]
    }
    error_message = "The objective is the dashboard's, minute by minute."
  }

  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.capacity : name => join(" ", concat(
      [tostring(alarm.evaluation_periods)], [for query in alarm.metric_query : query.expression if query.return_data == true],
      sort([for query in alarm.metric_query : one(query.metric).metric_name if length(query.metric) > 0]),
      )) } == {
      group-at-maximum = "5 IF(desired >= other, 1, 0) GroupDesiredCapacity GroupMaxSize"
      group-short      = "10 IF(desired > other, 1, 0) GroupDesiredCapacity GroupInServiceInstances"
    }
    error_message = "Five minutes at the maximum, or ten with fewer instances than are wanted, must be told."
  }

  assert {
    condition     = [for alarm in [aws_cloudwatch_metric_alarm.heartbeat] : join(" ", concat([alarm.treat_missing_data, alarm.namespace, alarm.metric_name, alarm.statistic, alarm.comparison_operator, alarm.threshold], values(alarm.dimensions)))] == ["breaching ExStrat/Controller Heartbeat SampleCount LessThanThreshold 1 exstrat-test"]
    error_message = "A heartbeat that is missing is the failure."
  }

  assert {
    condition     = { for window, alarm in aws_cloudwatch_metric_alarm.burn : window => format("%.4f", alarm.threshold) } == { now = "0.0072", fast-long = "0.0072", fast-short = "0.0072", slow-long = "0.0030", slow-short = "0.0030" }
    error_message = "Fast burning is 14.4 times the budget of 0.05 %, slow is six times."
  }

  assert {
    condition = alltrue([for alarm in aws_cloudwatch_metric_alarm.burn :
      { for query in alarm.metric_query : query.id => coalesce(query.expression, join(" ", query.metric[*].metric_name)) } == {
        ratio = "SUM([failed, refused]) / SUM([requests, refused])", requests = "RequestCount", failed = "HTTPCode_Target_5XX_Count", refused = "HTTPCode_ELB_5XX_Count"
      }
    ])
    error_message = "What fails is what the API or the load balancer answers with 5xx, of all requests."
  }

  assert {
    condition = { for burn, alarm in aws_cloudwatch_composite_alarm.burn : burn => alarm.alarm_rule } == {
      for burn in ["fast", "slow"] : burn => "ALARM(\"exstrat-test-burn-${burn}-long\") AND ALARM(\"exstrat-test-burn-${burn}-short\")"
    }
    error_message = "The long window says that it matters, the short one that it is still so: both are needed."
  }

  assert {
    condition     = aws_sns_topic.cache.kms_master_key_id == null && length(aws_sns_topic_subscription.cache) == 1 && flatten([for only in one(data.aws_iam_policy_document.cache_topic.statement).condition : [only.variable, only.values]]) == ["aws:SourceOwner", "000000000000"]
    error_message = "ElastiCache's events must have a topic that it can publish to, for this account alone, and somebody must hear it."
  }

  assert {
    condition = [for statement in data.aws_iam_policy_document.topic.statement : flatten([for only in statement.condition : [one(statement.principals).type, only.variable, only.values]])] == [
      ["Service", "aws:SourceAccount", "000000000000"],
      ["AWS", "aws:PrincipalArn", "arn:aws:iam::000000000000:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder"],
    ]
    error_message = "AWS's services must reach the topic for this account alone, Image Builder's own role too, and no other by anybody's name."
  }

  assert {
    condition     = aws_sns_topic.this.kms_master_key_id == var.kms_key_arn
    error_message = "The topic must be encrypted."
  }

  assert {
    condition = aws_budgets_budget.month.limit_amount == "1000" && toset([
      for told in aws_budgets_budget.month.notification : join(" ", concat([told.notification_type, told.threshold], tolist(told.subscriber_sns_topic_arns)))
    ]) == toset([for when in ["ACTUAL 80", "ACTUAL 100", "FORECASTED 100"] : "${when} ${aws_sns_topic.this.arn}"])
    error_message = "The budget must speak at 80 and 100 per cent, and when a month is going to be too dear."
  }

  assert {
    condition     = [for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.properties.markdown if widget.type == "text"] == ["## Are users served?", "## By how many instances?", "## At what cost?", "## Why?"]
    error_message = "The dashboard must answer its four questions, in this order."
  }

  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.this.dashboard_body, jsonencode({ expression = "RUNNING_SUM(instances * PERIOD(instances) / 3600) * 0.085", label = "US dollars" }))
    error_message = "The dashboard must say what the instances cost, whatever its period."
  }

  assert {
    condition     = startswith(one([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.properties.query if widget.type == "log"]), "SOURCE '/exstrat-test/controller' ")
    error_message = "The dashboard must show why the controller decided as it did."
  }

  assert {
    condition     = output.rollback_alarms == ["exstrat-test-p95", "exstrat-test-refused", "exstrat-test-burn-now"]
    error_message = "A deploy must be undone when users are slow or refused."
  }
}

run "without_a_replica" {
  command = plan

  variables {
    replica_identifier = null
  }

  assert {
    condition     = !anytrue([for name in keys(aws_cloudwatch_metric_alarm.above) : startswith(name, "replica-")])
    error_message = "No replica, no alarm of one."
  }
}
