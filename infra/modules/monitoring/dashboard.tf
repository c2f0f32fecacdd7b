# One screen, four questions, from top to bottom: are users served, by how many instances, at what cost, and why.

locals {
  region = data.aws_region.current.name
  tg     = ["TargetGroup", var.target_groups.dashboard, "LoadBalancer", var.load_balancer]
  lb     = ["LoadBalancer", var.load_balancer]
  group  = ["AutoScalingGroupName", var.group_name]
  ours   = flatten([for dimension, value in var.heartbeat.dimensions : [dimension, value]])

  rows = [
    { question = "Are users served?", graphs = [
      { title = "Dashboard: response time (s)", metrics = [for p in ["p50", "p95", "p99"] : concat(["AWS/ApplicationELB", "TargetResponseTime"], local.tg, [{ stat = p, label = p }])], line = var.objective.p95_s },
      { title = "Requests a minute", metrics = [concat(["AWS/ApplicationELB", "RequestCount"], local.lb, [{ stat = "Sum" }])], line = null },
      { title = "Failures a minute", metrics = [for metric in ["HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count", "RejectedConnectionCount"] : concat(["AWS/ApplicationELB", metric], local.lb, [{ stat = "Sum" }])], line = null },
    ] },
    { question = "By how many instances?", graphs = [
      { title = "Instances", metrics = [for metric in ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupPendingInstances", "GroupMaxSize"] : concat(["AWS/AutoScaling", metric], local.group, [{ stat = "Maximum" }])], line = null },
      { title = "Targets", metrics = [for metric in ["HealthyHostCount", "UnHealthyHostCount"] : concat(["AWS/ApplicationELB", metric], local.tg, [{ stat = "Maximum" }])], line = null },
      { title = "Controller's heartbeats a minute", metrics = [concat([var.heartbeat.namespace, var.heartbeat.metric_name], local.ours, [{ stat = "SampleCount" }])], line = 1 },
    ] },
    { question = "At what cost?", graphs = [
      { title = "Instances in the time shown: US dollars, about (left), and hours (right)", metrics = [
        # The period follows the time shown, so each of its values counts for as long as it is.
        concat(["AWS/AutoScaling", "GroupTotalInstances"], local.group, [{ stat = "Average", id = "instances", visible = false }]),
        [{ expression = "RUNNING_SUM(instances * PERIOD(instances) / 3600) * ${var.instance_usd_per_hour}", label = "US dollars" }],
        [{ expression = "RUNNING_SUM(instances * PERIOD(instances) / 3600)", label = "instance-hours", yAxis = "right" }],
      ], line = null },
      { title = "Requests an instance and minute", metrics = [concat(["AWS/ApplicationELB", "RequestCountPerTarget"], local.tg, [{ stat = "Sum" }])], line = null },
      { title = "CPU of the instances (%)", metrics = [concat(["AWS/EC2", "CPUUtilization"], local.group, [{ stat = "Average" }]), concat(["AWS/EC2", "CPUUtilization"], local.group, [{ stat = "Maximum" }])], line = null },
    ] },
    { question = "Why?", graphs = [
      { title = "Database: CPU (%)", metrics = [for id in compact([var.primary_identifier, var.replica_identifier]) : ["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", id]], line = 80 },
      { title = "Database: connections", metrics = [for id in compact([var.primary_identifier, var.replica_identifier]) : ["AWS/RDS", "DatabaseConnections", "DBInstanceIdentifier", id]], line = var.max_connections },
      { title = "Redis: hits and evictions", metrics = concat([for id in var.cache_node_ids : ["AWS/ElastiCache", "CacheHitRate", "CacheClusterId", id]], [for id in var.cache_node_ids : ["AWS/ElastiCache", "Evictions", "CacheClusterId", id, { stat = "Sum", yAxis = "right" }]]), line = null },
    ] },
  ]

  # Why this many: the controller's own sentences, each when its reason changed or it acted.
  decisions = {
    type = "log", x = 0, y = length(local.rows) * 7, width = 24, height = 6
    properties = {
      title = "The controller's decisions", region = local.region, view = "table"
      query = "SOURCE '${var.controller_log}' | fields @timestamp, message, @logStream | filter ispresent(reason) | sort @timestamp desc | limit 50"
    }
  }

  widgets = concat(flatten([for row, it in local.rows : concat(
    [{ type = "text", x = 0, y = row * 7, width = 24, height = 1, properties = { markdown = "## ${it.question}" } }],
    [for column, graph in it.graphs : {
      type = "metric", x = column * 8, y = row * 7 + 1, width = 8, height = 6
      properties = merge(
        { title = graph.title, region = local.region, view = "timeSeries", period = 60, metrics = graph.metrics },
        graph.line == null ? {} : { annotations = { horizontal = [{ value = graph.line }] } },
      )
    }],
  )]), [local.decisions])
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({ widgets = local.widgets })
}
