output "configuration" {
  description = "The controller's configuration file."
  value       = local.configuration
}

output "policy" {
  description = "What the daemon's calls are allowed, as IAM has it."
  value       = data.aws_iam_policy_document.scale.json
}

output "role_arn" {
  description = "The daemons' role."
  value       = aws_iam_role.this.arn
}

output "group_name" {
  description = "The daemons' own group."
  value       = aws_autoscaling_group.this.name
}

output "log_group" {
  description = "The log group in which the daemons say what they decide and why."
  value       = aws_cloudwatch_log_group.this.name
}
