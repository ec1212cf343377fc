"""An incident at a terminal: what the API says of it, and that as lines."""

from collections.abc import Mapping
from typing import Any

from incidents import selectors
from incidents.api.serializers import IncidentSerializer


def as_json(incident_id: str) -> dict[str, Any]:
    """As GET /api/v1/incidents/{incident_id}/ answers."""
    shown: dict[str, Any] = IncidentSerializer(selectors.with_everything().get(incident_id=incident_id)).data
    return shown


def details(shown: Mapping[str, Any]) -> list[str]:
    """Where it is, and who is or will be asked."""
    taken = f" by {shown['acknowledged_by']}" if shown["acknowledged_by"] else ""
    lines = [f"{shown['incident_id']}: {shown['status']}{taken}. {shown['description']}"]
    lines += [
        f"  {contact['position']}. {contact['name'] or contact['phone_number']}: {contact['state']}"
        for contact in shown["contacts"]
    ]
    if shown["next_step_at"]:
        lines.append(f"  next step at {shown['next_step_at']}")
    return lines
