"""The staff's view of incidents. It observes; what staff do goes through the functions that texts and the API use."""

from incidents.admin import alert_sources, alerts, incidents, policies

__all__ = ["alert_sources", "alerts", "incidents", "policies"]
