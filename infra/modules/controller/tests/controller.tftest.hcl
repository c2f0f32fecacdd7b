mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name               = "exstrat-test"
  app_subnet_ids     = ["subnet-1", "subnet-2"]
  data_subnet_ids    = ["subnet-3", "subnet-4"]
  security_group_ids = { controller = "sg-1", journal = "sg-2" }
  kms_key_arn        = "arn:aws:kms:eu-west-3:000000000000:key/test"
  topic_arn          = "arn:aws:sns:eu-west-3:000000000000:test"
  release            = { version = "1.2.3", bucket = "releases", key = "controller", sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
  group = {
    name          = "exstrat-test"
    arn           = "arn:aws:autoscaling:eu-west-3:000000000000:autoScalingGroup:0:autoScalingGroupName/exstrat-test"
    load_balancer = "app/test/0123456789abcdef"
    target_groups = { dashboard = "targetgroup/dashboard/0123456789abcdef", api = "targetgroup/api/fedcba9876543210" }
    heartbeat     = { namespace = "ExStrat/Controller", metric_name = "Heartbeat", dimensions = { AutoScalingGroupName = "exstrat-test" } }
  }
}

run "bad_values" {
  command = plan

  variables {
    name            = "-"
    app_subnet_ids  = ["subnet-1"]
    data_subnet_ids = []

    security_group_ids = { controller = "1", journal = "sg-2" }

    kms_key_arn  = "key"
    topic_arn    = "topic"
    instances    = 0
    architecture = "riscv"
    release      = { version = "1.2.3", bucket = "releases", key = "controller", sha256 = "abc" }
    database     = { engine_version = "9.6" }
    policy       = { strategy = "guess" }

    group = {
      name          = "exstrat-test"
      arn           = "arn:aws:autoscaling:eu-west-3:000000000000:autoScalingGroup:0:autoScalingGroupName/*"
      load_balancer = "test"
      target_groups = { dashboard = "dashboard", api = "api" }
      heartbeat     = { namespace = "ExStrat/Controller", metric_name = "Heartbeat", dimensions = {} }
    }
  }

  expect_failures = [
    var.name, var.app_subnet_ids, var.data_subnet_ids, var.security_group_ids, var.kms_key_arn, var.topic_arn,
    var.instances, var.architecture, var.release, var.database, var.policy, var.group,
  ]
}

run "a_pause_that_does_not_exist_and_no_backup" {
  command = plan

  variables {
    policy   = { pause = "forever" }
    database = { backup_retention_days = 0 }

    instance_type = "micro"
  }

  expect_failures = [var.policy, var.database, var.instance_type]
}

run "a_program_that_its_instance_cannot_run" {
  command = plan

  variables {
    instance_type = "t3.micro"
  }

  expect_failures = [var.architecture]
}

run "graphics_make_no_graviton" {
  command = plan

  variables {
    instance_type = "g5.xlarge"
    architecture  = "x86_64"
  }
}

run "a_time_without_a_unit" {
  command = plan

  variables {
    policy = { objective_p95 = "3" }
  }

  expect_failures = [var.policy]
}

run "a_share_above_one" {
  command = plan

  variables {
    policy = { error_budget = 5 }
  }

  expect_failures = [var.policy]
}

run "as_it_must_stand" {
  command = plan

  variables {
    policy = { strategy = "forecast", error_budget = 0.005, boot = "90s" }
  }

  # No more than its list.
  assert {
    condition = { for statement in data.aws_iam_policy_document.scale.statement : statement.sid => toset(statement.actions) } == {
      Observe        = toset(["autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeScalingActivities", "cloudwatch:GetMetricData", "elasticloadbalancing:DescribeTargetGroups"])
      Act            = toset(["autoscaling:SetDesiredCapacity"])
      SayThatItLives = toset(["cloudwatch:PutMetricData"])
    }
    error_message = "The daemon's calls may be exactly these; whoever adds to them adds here."
  }

  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.scale.statement : toset(statement.resources) == toset([var.group.arn]) if statement.sid == "Act"])
    error_message = "It may resize this one group."
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.scale.statement : one(statement.condition).values if statement.sid == "SayThatItLives"]) == tolist(["ExStrat/Controller"])
    error_message = "It may publish into its own namespace alone."
  }

  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.live.statement : statement.actions])) == toset([
      "s3:GetObject", "ssm:GetParameter", "secretsmanager:GetSecretValue", "kms:Decrypt",
      "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams", "ssm:UpdateInstanceInformation",
      "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ])
    error_message = "Its machine may do exactly this; whoever adds to it adds here."
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.live.statement : statement.sid => toset(statement.resources) } == {
      Release       = toset(["arn:aws:s3:::releases/controller"])
      Configuration = toset([aws_ssm_parameter.configuration.arn])
      Password      = toset([aws_db_instance.journal.master_user_secret[0].secret_arn])
      Key           = toset([var.kms_key_arn])
      Log           = toset(["${aws_cloudwatch_log_group.this.arn}:*"])
      Sessions      = toset(["*"])
    }
    error_message = "It may do that to its own release, configuration, password, key and log."
  }

  # Two, apart, encrypted, private.
  assert {
    condition     = aws_autoscaling_group.this.min_size == 2 && aws_autoscaling_group.this.max_size == 2 && length(aws_autoscaling_group.this.vpc_zone_identifier) == 2
    error_message = "There must be two daemons, leader and standby, in two zones."
  }

  assert {
    condition     = aws_db_instance.journal.storage_encrypted && aws_db_instance.journal.kms_key_id == var.kms_key_arn && aws_db_instance.journal.master_user_secret_kms_key_id == var.kms_key_arn && !aws_db_instance.journal.publicly_accessible && aws_db_instance.journal.multi_az && aws_db_instance.journal.manage_master_user_password && aws_db_instance.journal.deletion_protection
    error_message = "The journal's database must be encrypted, private, doubled and protected, its password RDS's."
  }

  assert {
    condition     = [for parameter in aws_db_parameter_group.journal.parameter : parameter.value if parameter.name == "rds.force_ssl"] == ["1"]
    error_message = "The journal's database must refuse connections without TLS."
  }

  assert {
    condition     = aws_launch_template.this.metadata_options[0].http_tokens == "required" && aws_launch_template.this.metadata_options[0].http_put_response_hop_limit == 1 && [for device in aws_launch_template.this.block_device_mappings : "${coalesce(device.ebs[0].encrypted, "plain")} ${coalesce(device.ebs[0].kms_key_id, "AWS's")}"] == ["true ${var.kms_key_arn}"]
    error_message = "Its instances must have IMDSv2 alone and encrypted disks."
  }

  assert {
    condition     = aws_db_event_subscription.journal.sns_topic == var.topic_arn && aws_db_event_subscription.journal.source_ids == toset([aws_db_instance.journal.identifier]) && contains(aws_db_event_subscription.journal.event_categories, "failover")
    error_message = "Failovers of the journal's database must be told."
  }

  # The lease and the journal: in the database, by a secret that only the instances read.
  assert {
    condition     = strcontains(local.user_data, "DATABASE_SECRET=${aws_db_instance.journal.master_user_secret[0].secret_arn}\n") && strcontains(file("./instance/controller-environment"), "CONTROLLER_JOURNAL=postgres://$user:$password@$DATABASE_HOST:5432/controller?sslmode=verify-full") && !strcontains(output.configuration, "journal =") && !strcontains(output.configuration, "postgres")
    error_message = "The daemons must share the journal in PostgreSQL, and no file that Terraform writes may say how to get in."
  }

  # The configuration.
  assert {
    condition     = aws_ssm_parameter.configuration.value == output.configuration && strcontains(output.configuration, "name = \"exstrat-test\"") && strcontains(output.configuration, "objective_target_group = \"targetgroup/dashboard/0123456789abcdef\"")
    error_message = "The configuration must name the group and the target group that has the objective."
  }

  assert {
    condition     = strcontains(output.configuration, "strategy = \"forecast\"\n") && strcontains(output.configuration, "error_budget = 0.005\n") && !strcontains(output.configuration, "pause")
    error_message = "What the policy sets must be in the configuration, what it leaves must not."
  }

  # Hardened, by what systemd itself weighs most.
  assert {
    condition = strcontains(local.user_data, filebase64("./instance/controller.service")) && alltrue([for line in ["NoNewPrivileges=true", "CapabilityBoundingSet=", "ProtectSystem=strict", "PrivateUsers=true", "RestrictNamespaces=true", "MemoryDenyWriteExecute=true", "SystemCallFilter=@system-service", "User=controller"] :
      contains(split("\n", file("./instance/controller.service")), line)
    ])
    error_message = "The unit has lost a part of its armour."
  }

  # Whole or not at all, heard of when it is not, and patched.
  assert {
    condition     = can(regex("(?s)set -euo pipefail\n[^\n]*\ntrap '[^\n]*shutdown -h now' EXIT\n.*agent-ctl .*\nsystemctl enable --now --no-block [^\n]*logrotate.timer\n", local.user_data))
    error_message = "A boot that fails must stop its instance, and the agent must start before the daemons."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.alone.threshold == 2 && aws_cloudwatch_metric_alarm.alone.metric_name == "GroupInServiceInstances" && aws_cloudwatch_metric_alarm.alone.comparison_operator == "LessThanThreshold" && aws_cloudwatch_metric_alarm.alone.treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.alone.dimensions == tomap({ AutoScalingGroupName = "exstrat-test-controller" }) && aws_cloudwatch_metric_alarm.alone.alarm_actions == toset([var.topic_arn]) && contains(aws_autoscaling_group.this.enabled_metrics, "GroupInServiceInstances")
    error_message = "A leader without a standby must be an alarm."
  }

  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.journal : name => [alarm.metric_name, alarm.comparison_operator, tostring(alarm.threshold)] } == {
      cpu     = ["CPUUtilization", "GreaterThanThreshold", "80"]
      storage = ["FreeStorageSpace", "LessThanThreshold", "1073741824"]
    }
    error_message = "The journal's alarms are these; whoever adds to them adds here."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.journal : alarm.alarm_actions == toset([var.topic_arn]) && alarm.ok_actions == toset([var.topic_arn]) && alarm.dimensions == tomap({ DBInstanceIdentifier = aws_db_instance.journal.identifier })])
    error_message = "The journal's alarms must say when they begin and when they end."
  }

  assert {
    condition     = aws_autoscaling_group.this.max_instance_lifetime == 2592000 && alltrue([for bounds in [aws_autoscaling_group.this.instance_maintenance_policy[0], aws_autoscaling_group.this.instance_refresh[0].preferences[0]] : bounds.min_healthy_percentage == 100 && bounds.max_healthy_percentage == 150])
    error_message = "No daemon's instance may grow older than 30 days, and the new one must be there before the old one goes."
  }

  assert {
    condition     = length(base64gzip(local.user_data)) < 16384 * 4 / 3
    error_message = "EC2 takes 16 KiB of user data."
  }
}
