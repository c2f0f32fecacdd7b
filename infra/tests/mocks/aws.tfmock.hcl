# What AWS would answer, where the provider checks its form: the modules' tests all start from here.

mock_data "aws_iam_policy_document" {
  defaults = { json = "{}" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws" }
}

mock_data "aws_region" {
  defaults = { name = "eu-west-3" }
}

mock_data "aws_kms_alias" {
  defaults = { target_key_arn = "arn:aws:kms:eu-west-1:000000000000:key/backups" }
}

mock_data "aws_caller_identity" {
  defaults = { account_id = "000000000000" }
}

mock_data "aws_ec2_managed_prefix_list" {
  defaults = { id = "pl-cloudfront" }
}

mock_data "aws_ami" {
  defaults = { id = "ami-baked" }
}

mock_data "aws_ssm_parameter" {
  defaults = { value = "ami-base" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::000000000000:role/test" }
}

mock_resource "aws_iam_instance_profile" {
  defaults = { arn = "arn:aws:iam::000000000000:instance-profile/test" }
}

mock_resource "aws_kms_key" {
  defaults = { arn = "arn:aws:kms:eu-west-3:000000000000:key/test" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:eu-west-3:000000000000:log-group:test" }
}

mock_resource "aws_cloudwatch_log_delivery_destination" {
  defaults = { arn = "arn:aws:logs:us-east-1:000000000000:delivery-destination:test" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:eu-west-3:000000000000:test" }
}

mock_resource "aws_s3_bucket" {
  defaults = { arn = "arn:aws:s3:::test", bucket_regional_domain_name = "test.s3.eu-west-3.amazonaws.com" }
}

mock_resource "aws_ssm_parameter" {
  defaults = { arn = "arn:aws:ssm:eu-west-3:000000000000:parameter/test" }
}

mock_resource "aws_secretsmanager_secret" {
  defaults = { arn = "arn:aws:secretsmanager:eu-west-3:000000000000:secret:test" }
}

mock_resource "aws_db_instance" {
  defaults = {
    address            = "db.internal"
    master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-west-3:000000000000:secret:master", kms_key_id = "key", secret_status = "active" }]
  }
}

mock_resource "aws_db_proxy" {
  defaults = { endpoint = "proxy.internal" }
}

mock_resource "aws_db_proxy_default_target_group" {
  defaults = { name = "default" }
}

mock_resource "aws_elasticache_user" {
  defaults = { arn = "arn:aws:elasticache:eu-west-3:000000000000:user:test" }
}

mock_resource "aws_elasticache_replication_group" {
  defaults = { configuration_endpoint_address = "redis.internal" }
}

mock_resource "aws_lb" {
  defaults = {
    arn        = "arn:aws:elasticloadbalancing:eu-west-3:000000000000:loadbalancer/app/test/0123456789abcdef"
    arn_suffix = "app/test/0123456789abcdef"
    dns_name   = "internal.example.com"
    zone_id    = "Z0123456789ABD"
  }
}

mock_resource "aws_lb_listener" {
  defaults = { arn = "arn:aws:elasticloadbalancing:eu-west-3:000000000000:listener/app/test/0123456789abcdef/0" }
}

mock_resource "aws_lb_target_group" {
  defaults = {
    arn        = "arn:aws:elasticloadbalancing:eu-west-3:000000000000:targetgroup/test/0123456789abcdef"
    arn_suffix = "targetgroup/test/0123456789abcdef"
  }
}

mock_resource "aws_launch_template" {
  defaults = { id = "lt-0123456789abcdef0", latest_version = 7 }
}

mock_resource "aws_autoscaling_group" {
  defaults = { arn = "arn:aws:autoscaling:eu-west-3:000000000000:autoScalingGroup:0:autoScalingGroupName/exstrat-test" }
}

mock_resource "aws_autoscaling_policy" {
  defaults = { arn = "arn:aws:autoscaling:eu-west-3:000000000000:scalingPolicy:0:autoScalingGroupName/exstrat-test:policyName/test" }
}

mock_resource "aws_imagebuilder_component" {
  defaults = { arn = "arn:aws:imagebuilder:eu-west-3:000000000000:component/test/1.0.0/1" }
}

mock_resource "aws_imagebuilder_image_recipe" {
  defaults = { arn = "arn:aws:imagebuilder:eu-west-3:000000000000:image-recipe/test/1.0.0" }
}

mock_resource "aws_imagebuilder_infrastructure_configuration" {
  defaults = { arn = "arn:aws:imagebuilder:eu-west-3:000000000000:infrastructure-configuration/test" }
}

mock_resource "aws_imagebuilder_distribution_configuration" {
  defaults = { arn = "arn:aws:imagebuilder:eu-west-3:000000000000:distribution-configuration/test" }
}

mock_resource "aws_acm_certificate" {
  defaults = {
    arn                       = "arn:aws:acm:us-east-1:000000000000:certificate/test"
    domain_validation_options = [{ domain_name = "x", resource_record_name = "_x", resource_record_type = "CNAME", resource_record_value = "_y" }]
  }
}

mock_resource "aws_acm_certificate_validation" {
  defaults = { certificate_arn = "arn:aws:acm:us-east-1:000000000000:certificate/test" }
}

mock_resource "aws_cloudfront_distribution" {
  defaults = { arn = "arn:aws:cloudfront::000000000000:distribution/TEST" }
}

mock_resource "aws_wafv2_web_acl" {
  defaults = { arn = "arn:aws:wafv2:us-east-1:000000000000:global/webacl/test/0" }
}
