"""The shell: LocalStack's services over the pure cores, with moto for what does not move."""
