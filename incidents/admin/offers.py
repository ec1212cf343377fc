"""What is offered in which status. It is a courtesy: lifecycle decides in any case."""

from incidents.models import Status

_OPEN = (Status.NOT_ACKNOWLEDGED,)
_ENDED = (Status.ACKNOWLEDGED, Status.UNACKNOWLEDGED, Status.CANCELLED)

OFFERED: dict[str, tuple[Status, ...]] = {
    "acknowledge": (Status.NOT_ACKNOWLEDGED, Status.UNACKNOWLEDGED),
    "decline": _OPEN,
    "escalate": _OPEN,
    "cancel": _OPEN,
    "resolve": _ENDED,
    "note": tuple(Status),
}
"""Action → the statuses in which it is offered."""
