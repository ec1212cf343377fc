"""The rows of incidents: policies, running incidents with copied steps, what happened, days counted; and alerts."""

from incidents.models.alert_sources import (
    AlertRule,
    AlertSource,
    AlertToken,
    Grouping,
    MaintenanceWindow,
    SourceKind,
)
from incidents.models.alerts import Alert, AlertDelivery, AlertState, Hold, Outcome, Trouble
from incidents.models.days import ChangedDay, ReportedDay
from incidents.models.incidents import Incident, IncidentContact, IncidentStep, State, Status
from incidents.models.policies import EscalationPolicy, PolicyStep
from incidents.models.timeline import Kind, TimelineEntry

__all__ = [
    "Alert",
    "AlertDelivery",
    "AlertRule",
    "AlertSource",
    "AlertState",
    "AlertToken",
    "ChangedDay",
    "EscalationPolicy",
    "Grouping",
    "Hold",
    "Incident",
    "IncidentContact",
    "IncidentStep",
    "Kind",
    "MaintenanceWindow",
    "Outcome",
    "PolicyStep",
    "ReportedDay",
    "SourceKind",
    "State",
    "Status",
    "TimelineEntry",
    "Trouble",
]
