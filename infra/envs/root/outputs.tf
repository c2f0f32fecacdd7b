output "exstrat" {
  description = "Everything that the stack tells: addresses, configurations, and the names that the runbook needs."
  value       = module.exstrat
}
