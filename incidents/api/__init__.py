"""Incidents and escalation policies for other systems."""
