output "topic_arn" {
  description = "Where alarms and events go."
  value       = aws_sns_topic.this.arn
}

output "cache_topic_arn" {
  description = "Where ElastiCache's events go."
  value       = aws_sns_topic.cache.arn
}

output "rollback_alarms" {
  description = "The alarms that undo a deploy: users are slow, refused, or answered with errors."
  value       = concat([for alarm in ["p95", "refused"] : aws_cloudwatch_metric_alarm.above[alarm].alarm_name], [aws_cloudwatch_metric_alarm.burn["now"].alarm_name])
}

output "dashboard" {
  description = "The dashboard's name in CloudWatch."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}
