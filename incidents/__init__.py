"""Incidents: somebody is texted, answers YES or NO, is reminded; then the next one is asked."""
