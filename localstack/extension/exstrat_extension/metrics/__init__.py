"""CloudWatch's data: samples in memory, and statistics over them. Time is an argument."""
