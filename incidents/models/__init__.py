"""The rows of incidents: policies, running incidents with their copied steps, what happened, and days counted."""

from incidents.models.days import ChangedDay, ReportedDay
from incidents.models.incidents import Incident, IncidentContact, IncidentStep, State, Status
from incidents.models.policies import EscalationPolicy, PolicyStep
from incidents.models.timeline import Kind, TimelineEntry

__all__ = [
    "ChangedDay",
    "EscalationPolicy",
    "Incident",
    "IncidentContact",
    "IncidentStep",
    "Kind",
    "PolicyStep",
    "ReportedDay",
    "State",
    "Status",
    "TimelineEntry",
]
