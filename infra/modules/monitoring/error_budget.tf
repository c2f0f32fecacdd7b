# The error budget by burn rate, over two windows each: the long one says that it matters, the short one that it is
# still so. 14.4 spends 2 % of a month's budget in an hour, 6 spends 5 % in six hours (Google's SRE workbook,
# chapter 5). A count that was zero all along has no datapoints; a sum over a list takes what there is.

locals {
  budget = 1 - var.objective.success
  burns = {
    fast = { rate = 14.4, long_s = 3600, short_s = 300 }
    slow = { rate = 6, long_s = 21600, short_s = 1800 }
  }
  # The last window undoes a deploy: two bad minutes of three, long before the others have seen enough.
  windows = merge({ now = { rate = local.burns.fast.rate, period_s = 60, bad = 2, of = 3 } }, [for burn, it in local.burns : {
    "${burn}-long"  = { rate = it.rate, period_s = it.long_s, bad = 1, of = 1 }
    "${burn}-short" = { rate = it.rate, period_s = it.short_s, bad = 1, of = 1 }
  }]...)
  counts = { requests = "RequestCount", failed = "HTTPCode_Target_5XX_Count", refused = "HTTPCode_ELB_5XX_Count" }
}

resource "aws_cloudwatch_metric_alarm" "burn" {
  #checkov:skip=CKV_AWS_319:The composite alarms below act, and a deploy looks at the last; alone, a window proves nothing.
  for_each = local.windows

  alarm_name          = "${var.name}-burn-${each.key}"
  alarm_description   = "Requests fail ${each.value.rate} times as often as the budget allows, over ${each.value.period_s / 60} minutes."
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.rate * local.budget
  datapoints_to_alarm = each.value.bad
  evaluation_periods  = each.value.of
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "ratio"
    label       = "Share of requests that fail"
    expression  = "SUM([failed, refused]) / SUM([requests, refused])"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = local.counts

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value
        dimensions  = local.load_balancer
        period      = each.value.period_s
        stat        = "Sum"
      }
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "burn" {
  for_each = local.burns

  alarm_name        = "${var.name}-error-budget-${each.key}"
  alarm_description = "The error budget goes ${each.value.rate} times too fast, and still does."
  alarm_rule        = "ALARM(\"${aws_cloudwatch_metric_alarm.burn["${each.key}-long"].alarm_name}\") AND ALARM(\"${aws_cloudwatch_metric_alarm.burn["${each.key}-short"].alarm_name}\")"
  alarm_actions     = [aws_sns_topic.this.arn]
  ok_actions        = [aws_sns_topic.this.arn]
}
