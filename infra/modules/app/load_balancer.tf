# Internal: CloudFront reaches it inside the VPC, and nobody else can.
resource "aws_lb" "this" {
  name                       = var.name
  internal                   = true
  load_balancer_type         = "application"
  subnets                    = var.subnet_ids
  security_groups            = [var.security_group_ids.balancer]
  enable_deletion_protection = var.protect
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  idle_timeout               = 60
  preserve_host_header       = true

  access_logs {
    bucket  = aws_s3_bucket.logs.id
    prefix  = "access"
    enabled = true
  }

  connection_logs {
    bucket  = aws_s3_bucket.logs.id
    prefix  = "connections"
    enabled = true
  }

  depends_on = [aws_s3_bucket_policy.logs]
}

# TLS 1.3, and 1.2 for what has not learned it yet.
resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this["api"].arn
  }
}

# The dashboard has a target group of its own, because CloudWatch gives the latency by target group and the objective
# is the dashboard's.
resource "aws_lb_listener_rule" "dashboard" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 10

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this["dashboard"].arn
  }

  condition {
    path_pattern {
      values = ["/dashboard"]
    }
  }

  condition {
    http_request_method {
      values = ["GET"]
    }
  }
}

resource "aws_lb_target_group" "this" {
  #checkov:skip=CKV_AWS_378:TLS ends at the load balancer; behind it only its security group reaches the instances.
  for_each = toset(["dashboard", "api"])

  name                          = "${var.name}-${substr(each.key, 0, 4)}"
  vpc_id                        = var.vpc_id
  port                          = var.app_port
  protocol                      = "HTTP"
  deregistration_delay          = 45 # s; the longest request may take 30
  load_balancing_algorithm_type = "least_outstanding_requests"

  health_check {
    path                = "/health/ready"
    matcher             = "200"
    interval            = 5
    timeout             = 3
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  lifecycle {
    create_before_destroy = true
  }
}
