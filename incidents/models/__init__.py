"""The rows of incidents: policies, running incidents with their copied steps, and what happened."""

from incidents.models.incidents import Incident, IncidentContact, IncidentStep, State, Status
from incidents.models.policies import EscalationPolicy, PolicyStep
from incidents.models.timeline import Kind, TimelineEntry

__all__ = [
    "EscalationPolicy",
    "Incident",
    "IncidentContact",
    "IncidentStep",
    "Kind",
    "PolicyStep",
    "State",
    "Status",
    "TimelineEntry",
]
