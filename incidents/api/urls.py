"""What config's router serves of this app."""

from rest_framework.viewsets import ViewSetMixin

from incidents.api.alert_sources import AlertSourceViewSet
from incidents.api.alerts import AlertViewSet, MaintenanceWindowViewSet
from incidents.api.policies import EscalationPolicyViewSet
from incidents.api.views import IncidentViewSet

ROUTES: list[tuple[str, type[ViewSetMixin], str]] = [
    ("incidents", IncidentViewSet, "incident"),
    ("escalation-policies", EscalationPolicyViewSet, "escalation-policy"),
    ("alert-sources", AlertSourceViewSet, "alert-source"),
    ("maintenance-windows", MaintenanceWindowViewSet, "maintenance-window"),
    ("alerts", AlertViewSet, "alert"),
]
