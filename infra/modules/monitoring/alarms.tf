# Every alarm says when it begins and when it ends. What is said of each is the first line of its runbook.

locals {
  dashboard     = { LoadBalancer = var.load_balancer, TargetGroup = var.target_groups.dashboard }
  load_balancer = { LoadBalancer = var.load_balancer }
  primary       = { DBInstanceIdentifier = var.primary_identifier }

  # `minutes` of the last `of` must be bad. `missing` data is good unless it is itself the failure.
  serving = {
    p95 = {
      says       = "The dashboard's p95 is above the objective: is the group at its maximum, and is the database slow?", namespace = "AWS/ApplicationELB", metric = "TargetResponseTime", statistic = "p95"
      dimensions = local.dashboard, over = var.objective.p95_s, minutes = 3, of = 5
    }
    p99 = {
      says       = "The dashboard's p99 is above the objective.", namespace = "AWS/ApplicationELB", metric = "TargetResponseTime", statistic = "p99"
      dimensions = local.dashboard, over = var.objective.p99_s, minutes = 3, of = 5
    }
    refused = {
      says       = "The load balancer answers 5xx itself: no healthy instance, or more requests than it may hand on.", namespace = "AWS/ApplicationELB", metric = "HTTPCode_ELB_5XX_Count", statistic = "Sum"
      dimensions = local.load_balancer, over = 10, minutes = 2, of = 3
    }
    rejected = {
      says       = "The load balancer rejects connections.", namespace = "AWS/ApplicationELB", metric = "RejectedConnectionCount", statistic = "Sum"
      dimensions = local.load_balancer, over = 0, minutes = 2, of = 3
    }
    unhealthy = {
      says       = "Instances stay unhealthy.", namespace = "AWS/ApplicationELB", metric = "UnHealthyHostCount", statistic = "Maximum"
      dimensions = local.dashboard, over = 0, minutes = 5, of = 5
    }
  }

  data = {
    database-cpu = {
      says       = "The database's CPU: more instances of the API will not help.", namespace = "AWS/RDS", metric = "CPUUtilization", statistic = "Average"
      dimensions = local.primary, over = 80, minutes = 10, of = 15
    }
    database-connections = {
      says       = "Connections come near what the database takes.", namespace = "AWS/RDS", metric = "DatabaseConnections", statistic = "Maximum"
      dimensions = local.primary, over = floor(var.max_connections * 0.8), minutes = 3, of = 5
    }
  }

  replica = var.replica_identifier == null ? {} : {
    replica-lag = {
      says       = "The replica is behind: users read old data. The API reads from the primary while the replica does not answer.", namespace = "AWS/RDS", metric = "ReplicaLag", statistic = "Maximum"
      dimensions = { DBInstanceIdentifier = var.replica_identifier }, over = 30, minutes = 5, of = 5
    }
    replica-cpu = {
      says       = "The replica's CPU: reads are slow, and more instances of the API will not help.", namespace = "AWS/RDS", metric = "CPUUtilization", statistic = "Average"
      dimensions = { DBInstanceIdentifier = var.replica_identifier }, over = 80, minutes = 10, of = 15
    }
    replica-connections = {
      says       = "Connections come near what the replica takes.", namespace = "AWS/RDS", metric = "DatabaseConnections", statistic = "Maximum"
      dimensions = { DBInstanceIdentifier = var.replica_identifier }, over = floor(var.max_connections * 0.8), minutes = 3, of = 5
    }
  }

  evictions = { for node in var.cache_node_ids : "cache-evictions-${node}" => {
    says       = "Redis throws out what was still wanted: a larger node, or more shards.", namespace = "AWS/ElastiCache", metric = "Evictions", statistic = "Sum"
    dimensions = { CacheClusterId = node, CacheNodeId = "0001" }, over = 0, minutes = 15, of = 15
  } }

  # Once in a month, so an hour is looked at: who is away for a minute still sees it.
  rotations = { for of, function in var.rotation_functions : "rotation-${of}" => {
    says       = "A password was not rotated, the old one still holds: its function's log says why.", namespace = "AWS/Lambda", metric = "Errors", statistic = "Sum"
    dimensions = { FunctionName = function }, over = 0, minutes = 1, of = 60
  } }
}

resource "aws_cloudwatch_metric_alarm" "above" {
  for_each = merge(local.serving, local.data, local.replica, local.evictions, local.rotations)

  alarm_name                            = "${var.name}-${each.key}"
  alarm_description                     = each.value.says
  namespace                             = each.value.namespace
  metric_name                           = each.value.metric
  statistic                             = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic                    = startswith(each.value.statistic, "p") ? each.value.statistic : null
  evaluate_low_sample_count_percentiles = startswith(each.value.statistic, "p") ? "ignore" : null
  dimensions                            = each.value.dimensions
  period                                = 60
  comparison_operator                   = "GreaterThanThreshold"
  threshold                             = each.value.over
  datapoints_to_alarm                   = each.value.minutes
  evaluation_periods                    = each.value.of
  treat_missing_data                    = "notBreaching"
  alarm_actions                         = [aws_sns_topic.this.arn]
  ok_actions                            = [aws_sns_topic.this.arn]
}

resource "aws_cloudwatch_metric_alarm" "storage" {
  alarm_name          = "${var.name}-database-storage"
  alarm_description   = "Less than 5 GiB are free, and the storage grows no further by itself: raise max_storage_gib."
  namespace           = "AWS/RDS"
  metric_name         = "FreeStorageSpace"
  statistic           = "Minimum"
  dimensions          = local.primary
  period              = 300
  comparison_operator = "LessThanThreshold"
  threshold           = 5 * 1024 * 1024 * 1024
  evaluation_periods  = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this.arn]
  ok_actions          = [aws_sns_topic.this.arn]
}

resource "aws_cloudwatch_metric_alarm" "heartbeat" {
  alarm_name          = "${var.name}-controller-silent"
  alarm_description   = "No controller ends its ticks. The group keeps its size; only the safety net grows it. Runbook: \"Controller down\"."
  namespace           = var.heartbeat.namespace
  metric_name         = var.heartbeat.metric_name
  dimensions          = var.heartbeat.dimensions
  statistic           = "SampleCount"
  period              = 60
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  evaluation_periods  = 3
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.this.arn]
  ok_actions          = [aws_sns_topic.this.arn]
}

locals {
  # What AWS has is compared, so that a maximum that was raised by hand counts too.
  capacity = {
    group-at-maximum = {
      says  = "The group has as many instances as it may, and can only get slower: raise fleet.max, if the database can take it."
      label = "At its maximum", bad = "desired >= other", other = "GroupMaxSize", minutes = 5
    }
    group-short = {
      says  = "Fewer instances serve than are wanted: the group's activities say why they do not start (a quota, AWS's capacity, the key), the API's log why they do not get ready."
      label = "Short of what is wanted", bad = "desired > other", other = "GroupInServiceInstances", minutes = 10
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "capacity" {
  for_each = local.capacity

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.says
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = each.value.minutes
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this.arn]
  ok_actions          = [aws_sns_topic.this.arn]

  metric_query {
    id          = "bad"
    label       = each.value.label
    expression  = "IF(${each.value.bad}, 1, 0)"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { desired = "GroupDesiredCapacity", other = each.value.other }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/AutoScaling"
        metric_name = metric_query.value
        dimensions  = { AutoScalingGroupName = var.group_name }
        period      = 60
        stat        = "Maximum"
      }
    }
  }
}
