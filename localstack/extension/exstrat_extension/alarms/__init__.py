"""Composite alarms' rules. The states of other alarms are an argument."""
