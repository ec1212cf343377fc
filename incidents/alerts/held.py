"""What alerts hold of people: nothing that is looked for by them, but a machine may have written somebody's number."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from incidents.models import Alert, AlertDelivery, AlertSource, AlertToken, MaintenanceWindow, Trouble
from messaging.privacy.names import Person
from messaging.privacy.tables import Age, Table

_SETTING = "a setting of the staff: how a source is read"
_USERNAME = "a username of the staff"

KEPT: Mapping[str, str] = {
    "incidents.Alert.digest": "a digest of the key, by which repeats are found",
    "incidents.AlertDelivery.sns_message_id": "of an alarm; tells copies apart",
    "incidents.AlertRule.matchers": "a setting of the staff: labels of machines",
    "incidents.AlertSource.description_path": _SETTING,
    "incidents.AlertSource.key_path": _SETTING,
    "incidents.AlertSource.prefix": _SETTING,
    "incidents.AlertSource.resolved_values": _SETTING,
    "incidents.AlertSource.slug": _SETTING,
    "incidents.AlertSource.status_path": _SETTING,
    "incidents.AlertSource.topic_arn": _SETTING,
    "incidents.AlertSource.url_path": _SETTING,
    "incidents.AlertToken.begins": "how a key begins",
    "incidents.AlertToken.created_by": _USERNAME,
    "incidents.AlertToken.digest": "a digest of a key",
    "incidents.AlertToken.revoked_by": _USERNAME,
    "incidents.MaintenanceWindow.created_by": _USERNAME,
    "incidents.MaintenanceWindow.ended_by": _USERNAME,
    "incidents.MaintenanceWindow.matchers": "a setting of the staff: labels of machines",
    "incidents.Trouble.digest": "a digest of the key, by which repeats are found",
}


def _too_old(row: AlertDelivery, person: Person) -> dict[str, Any]:
    return {"raw": ""}


def tables() -> Sequence[Table]:
    """A number is replaced where it stands. A delivery is read when it is stored: later nothing needs it as it came."""
    return (
        Table(
            AlertDelivery,
            free=("raw", "remark"),
            age=Age(
                "RETENTION_EVENTS_DAYS",
                "received_at",
                lambda row: "",
                Q(raw=""),
                lambda now: Q(pk__in=[]),
                _too_old,
            ),
        ),
        Table(Alert, free=("key", "description", "url", "labels", "reason")),
        Table(Trouble, free=("key", "description", "url", "labels")),
        Table(AlertSource, free=("name",)),
        Table(AlertToken, free=("name",)),
        Table(MaintenanceWindow, free=("reason",)),
    )
