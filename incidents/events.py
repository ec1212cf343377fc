"""What other systems hear of incidents: each change of status, and each step to the next people."""

from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any

from django.utils.module_loading import import_string

from incidents import selectors
from incidents.models import Incident
from incidents.situation import Decision, Log, Situation, Status
from messaging.events import EventType, publish

_SERIALIZER = "incidents.api.serializers.IncidentSerializer"
_ESCALATED = "escalated"
_WHEN = {
    "opened": "An incident was opened.",
    _ESCALATED: "Nobody of a step took it: the people of the next step are asked.",
    "acknowledged": "Somebody has it.",
    "unacknowledged": "Everybody was asked and nobody took it: it is logged for review.",
    "cancelled": "It was withdrawn before anybody had it.",
    "resolved": "It was closed.",
}


class IncidentEvents:
    """See messaging.duties.EventTypes."""

    title = "Incidents"

    @property
    def types(self) -> Sequence[EventType]:
        """All with the incident as it is after the change, as GET incidents/{incident_id}/ has it."""
        return [
            EventType(f"incident.{name}", what, "incidents.view_incident", "Incident", _example(name))
            for name, what in _WHEN.items()
        ]


def tell(incident: Incident, before: Situation, decision: Decision, *, opened: bool) -> None:
    """Tell of what a decision has changed. To be called in its transaction, when all else is written."""
    happened = ["opened"] if opened else []
    if any(isinstance(effect, Log) and effect.kind == _ESCALATED for effect in decision.effects):
        happened.append(_ESCALATED)
    if decision.after.status is not before.status:
        happened.append(decision.after.status.value)
    # Read once, and only if somebody wants to know.
    read = cache(partial(_data, incident.pk))
    for name in happened:
        publish(f"incident.{name}", subject=incident.incident_id, data=read)


def _data(pk: int) -> Any:
    # By name: the API imports what imports this.
    return import_string(_SERIALIZER)(selectors.with_everything().get(pk=pk)).data


def _example(name: str) -> Mapping[str, Any]:
    status = name if name in set(Status) else Status.NOT_ACKNOWLEDGED.value
    is_open = status == Status.NOT_ACKNOWLEDGED
    taken = status in (Status.ACKNOWLEDGED, Status.RESOLVED)
    return {
        "incident_id": "P-117",
        "description": "Pump 4 has stopped",
        "url": "https://example.com/P-117",
        "first_contact": "+14255550182",
        "second_contact": "+14255550183",
        "escalation_policy": "",
        "wait_seconds": 40,
        "origination_identity": "",
        "status": status,
        "double_escalation": False,
        "late": False,
        "contacts": [
            {
                "position": 1,
                "phone_number": "+14255550182",
                "name": "Ann",
                "state": "acknowledged" if taken else "notified",
            },
            {
                "position": 2,
                "phone_number": "+14255550183",
                "name": "Ben",
                "state": "texted" if name == _ESCALATED else "pending",
            },
        ],
        "next_step_at": "2026-07-01T12:00:40Z" if is_open else None,
        "opened_at": "2026-07-01T12:00:00Z",
        "first_text_at": "2026-07-01T12:00:00.500000Z",
        "acknowledged_at": "2026-07-01T12:00:25Z" if taken else None,
        "acknowledged_by": "+14255550182" if taken else "",
        "ended_at": None if is_open else "2026-07-01T12:00:25Z",
        "resolved_at": "2026-07-01T13:30:00Z" if status == Status.RESOLVED else None,
        "timeline": [
            {
                "at": "2026-07-01T12:00:00Z",
                "kind": "opened",
                "phone_number": "",
                "actor": "monitoring",
                "text": "Pump 4 has stopped",
            }
        ],
    }
