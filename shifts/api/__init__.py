"""Shifts, campaigns, employees and call backs for other systems."""
