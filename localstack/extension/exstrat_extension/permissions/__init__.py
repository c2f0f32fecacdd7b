"""Who may call what, as IAM's policy documents say it. Pure: no LocalStack, no moto."""
