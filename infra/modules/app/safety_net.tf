# What stands when no controller does. It only ever adds instances: a dead controller then costs money, not latency.
# A living one is not doubled: its heartbeat keeps the first alarm still, and the second's ceiling lies far above the
# load at which it works.

locals {
  # An empty series cannot be filled (FILL needs a datapoint to start from), and after an hour without a controller
  # the heartbeat is one. The largest of it and a constant zero is always there.
  alive = "MAX([heartbeat, TIME_SERIES(0)])"
}

resource "aws_cloudwatch_metric_alarm" "unattended" {
  alarm_name          = "${var.name}-slow-and-unattended"
  alarm_description   = "The dashboard's p95 is above ${var.safety_net.objective_p95_s} s and the controller sends no heartbeat: AWS adds ${var.safety_net.step_percent} % by itself. See the runbook, \"Controller down\"."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = var.safety_net.minutes
  datapoints_to_alarm = var.safety_net.minutes
  treat_missing_data  = "notBreaching" # no latency is no traffic
  alarm_actions       = [aws_autoscaling_policy.unattended.arn, var.topic_arn]
  ok_actions          = [var.topic_arn]

  metric_query {
    id          = "unattended"
    label       = "Slow and unattended"
    expression  = "IF(p95 > ${var.safety_net.objective_p95_s} AND ${local.alive} < 1, 1, 0)"
    return_data = true
  }

  metric_query {
    id = "p95"

    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "TargetResponseTime"
      stat        = "p95"
      period      = 60
      dimensions = {
        LoadBalancer = aws_lb.this.arn_suffix
        TargetGroup  = aws_lb_target_group.this["dashboard"].arn_suffix
      }
    }
  }

  metric_query {
    id = "heartbeat"

    metric {
      namespace   = local.heartbeat.namespace
      metric_name = local.heartbeat.metric_name
      stat        = "SampleCount"
      period      = 60
      dimensions  = local.heartbeat.dimensions
    }
  }
}

# While the alarm lasts the policy adds again each time the last ones are warm.
resource "aws_autoscaling_policy" "unattended" {
  name                      = "${var.name}-slow-and-unattended"
  autoscaling_group_name    = aws_autoscaling_group.this.name
  policy_type               = "StepScaling"
  adjustment_type           = "PercentChangeInCapacity"
  min_adjustment_magnitude  = 2
  metric_aggregation_type   = "Maximum"
  estimated_instance_warmup = var.fleet.grace_s

  step_adjustment {
    metric_interval_lower_bound = 0
    scaling_adjustment          = var.safety_net.step_percent
  }
}

# An instance serves both target groups, so its ceiling is one for the sum of what they send it. A group without a
# request tells nothing; a sum over a list takes what there is.
resource "aws_autoscaling_policy" "ceiling" {
  name                   = "${var.name}-requests-ceiling"
  autoscaling_group_name = aws_autoscaling_group.this.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value     = var.safety_net.requests_per_target_per_min
    disable_scale_in = true

    customized_metric_specification {
      metrics {
        id          = "requests"
        label       = "Requests that an instance gets in a minute"
        expression  = "SUM([${join(", ", keys(aws_lb_target_group.this))}])"
        return_data = true
      }

      dynamic "metrics" {
        for_each = aws_lb_target_group.this

        content {
          id          = metrics.key
          return_data = false

          metric_stat {
            stat = "Sum" # the one that this metric has

            metric {
              namespace   = "AWS/ApplicationELB"
              metric_name = "RequestCountPerTarget"

              dimensions {
                name  = "LoadBalancer"
                value = aws_lb.this.arn_suffix
              }

              dimensions {
                name  = "TargetGroup"
                value = metrics.value.arn_suffix
              }
            }
          }
        }
      }
    }
  }
}

# What the controller publishes once in every tick that ended, by whoever leads.
locals {
  heartbeat = {
    namespace   = "ExStrat/Controller"
    metric_name = "Heartbeat"
    dimensions  = { AutoScalingGroupName = var.name }
  }
}
