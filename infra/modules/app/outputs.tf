output "group_name" {
  description = "The Auto Scaling group that the controller resizes."
  value       = aws_autoscaling_group.this.name
}

output "group_arn" {
  description = "Its ARN."
  value       = aws_autoscaling_group.this.arn
}

output "load_balancer" {
  description = "The load balancer: ARN, the ARN's end as CloudWatch has it, DNS name and hosted zone."
  value = {
    arn        = aws_lb.this.arn
    arn_suffix = aws_lb.this.arn_suffix
    dns_name   = aws_lb.this.dns_name
    zone_id    = aws_lb.this.zone_id
  }
}

output "target_groups" {
  description = "The ends of the target groups' ARNs, as CloudWatch has them: dashboard (it has the objective) and api."
  value       = { for name, group in aws_lb_target_group.this : name => group.arn_suffix }
}

output "heartbeat" {
  description = "The metric that the safety net listens to, and that the controller must publish."
  value       = local.heartbeat
}

output "environment" {
  description = "The API's configuration, without its secrets."
  value       = local.environment
}
