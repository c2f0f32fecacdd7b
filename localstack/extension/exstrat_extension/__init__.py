"""The AWS services that community LocalStack lacks, behaving like AWS's.

`fleet`, `metrics`, `alarms` and `permissions` are the pure cores: no clock, no I/O, no LocalStack.
`services` is the thin shell that puts them behind LocalStack's API gateway, and `plugins` is where
LocalStack finds it all.
"""
