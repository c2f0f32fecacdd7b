resource "aws_autoscaling_group" "this" {
  name                      = var.name
  min_size                  = var.fleet.min
  max_size                  = var.fleet.max
  desired_capacity          = var.fleet.min # the first; from then on it is the controller's
  vpc_zone_identifier       = var.subnet_ids
  target_group_arns         = [for group in aws_lb_target_group.this : group.arn]
  health_check_type         = "ELB"
  health_check_grace_period = var.fleet.grace_s
  default_instance_warmup   = var.fleet.warm_up_s
  max_instance_lifetime     = var.fleet.max_lifetime_days * 86400 # s; young instances are patched and have today's passwords
  termination_policies      = ["OldestLaunchTemplate", "Default"]
  capacity_rebalance        = local.is_mixed
  wait_for_capacity_timeout = "0"
  enabled_metrics           = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupTerminatingInstances", "GroupTotalInstances"]

  instance_maintenance_policy {
    min_healthy_percentage = 100
    max_healthy_percentage = 120
  }

  dynamic "launch_template" {
    for_each = local.is_mixed ? [] : [aws_launch_template.this]

    content {
      id      = launch_template.value.id
      version = launch_template.value.latest_version
    }
  }

  dynamic "mixed_instances_policy" {
    for_each = local.is_mixed ? [aws_launch_template.this] : []

    content {
      instances_distribution {
        on_demand_base_capacity                  = var.fleet.on_demand_base
        on_demand_percentage_above_base_capacity = var.fleet.on_demand_percent
        on_demand_allocation_strategy            = "prioritized"
        spot_allocation_strategy                 = "price-capacity-optimized"
      }

      launch_template {
        launch_template_specification {
          launch_template_id = mixed_instances_policy.value.id
          version            = mixed_instances_policy.value.latest_version
        }

        dynamic "override" {
          for_each = var.fleet.instance_types

          content {
            instance_type = override.value
          }
        }
      }
    }
  }

  dynamic "warm_pool" {
    for_each = var.fleet.warm > 0 ? [var.fleet.warm] : []

    content {
      pool_state                  = "Stopped"
      min_size                    = warm_pool.value
      max_group_prepared_capacity = var.fleet.max

      instance_reuse_policy {
        reuse_on_scale_in = true
      }
    }
  }

  tag {
    key                 = "Name"
    value               = "${var.name}-api"
    propagate_at_launch = true
  }

  lifecycle {
    # The controller's is the size: without the first line every apply would undo what it decided. The version is
    # `infra/deploy`'s, by an instance refresh that names it as its desired configuration. AWS writes it into the group
    # once that has succeeded, and goes back to what the group says if not. The provider's `instance_refresh` writes it
    # first, so there would be nothing to go back to (hashicorp/terraform-provider-aws#34189).
    ignore_changes = [
      desired_capacity,
      launch_template[0].version,
      mixed_instances_policy[0].launch_template[0].launch_template_specification[0].version,
    ]

    # Redis's password of the rotation before stays in force, and instances keep the one that they started with.
    precondition {
      condition     = var.connection.rotation_days >= 2 * var.fleet.max_lifetime_days
      error_message = "connection.rotation_days is ${var.connection.rotation_days} and fleet.max_lifetime_days ${var.fleet.max_lifetime_days}; allowed is twice that or more, or an instance outlives its password of Redis's."
    }

    precondition {
      condition     = local.baked || var.fleet.grace_s >= 300
      error_message = "fleet.grace_s is ${var.fleet.grace_s} with release.install = \"boot\"; 300 or more are needed: an instance that installs itself takes minutes, and would be replaced before it is ready, again and again."
    }
  }
}

locals {
  is_mixed = length(var.fleet.instance_types) > 1
}
