# Instances follow the load, so cost does too; what is spent is said before the month is over. It is what the account
# spends: by the environment's tag a budget would count nothing, without a word, until the tag is activated for billing,
# which AWS allows a day after it has first seen it and in an organization from the payer's account alone; and it would
# never count what carries no tag, such as metrics, taxes and support. Too early is better than never.
resource "aws_budgets_budget" "month" {
  name         = var.name
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  dynamic "notification" {
    for_each = [
      { type = "ACTUAL", percent = 80 },
      { type = "ACTUAL", percent = 100 },
      { type = "FORECASTED", percent = 100 },
    ]

    content {
      notification_type         = notification.value.type
      threshold                 = notification.value.percent
      threshold_type            = "PERCENTAGE"
      comparison_operator       = "GREATER_THAN"
      subscriber_sns_topic_arns = [aws_sns_topic.this.arn]
    }
  }
}
