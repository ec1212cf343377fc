"""What config's router serves of this app."""

from rest_framework.viewsets import ViewSetMixin

from incidents.api.policies import EscalationPolicyViewSet
from incidents.api.views import IncidentViewSet

ROUTES: list[tuple[str, type[ViewSetMixin], str]] = [
    ("incidents", IncidentViewSet, "incident"),
    ("escalation-policies", EscalationPolicyViewSet, "escalation-policy"),
]
