"""Incidents of another system as closed history: nobody is asked, told or texted, and nothing is due."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from incidents.models import Incident, IncidentContact, IncidentStep, Kind, State, Status, TimelineEntry
from messaging.lookups import OneOf
from messaging.models import Contact
from messaging.privacy.names import old_id
from messaging.validators import validate_phone_number

# The samples waited so long, and reminded once.
_WAIT_SECONDS, _REMINDERS = 40, 1


@dataclass(frozen=True, slots=True)
class Past:
    """An incident that is over.

    Attributes:
        acknowledged_by: who had it, or which system says that somebody had; blank: nobody.
        asked: how many of the contacts were asked.
        opened_at: aware; ``ended_at`` is when somebody had it or it was given up.
        source: where it comes from, for the timeline.
    """

    incident_id: str
    description: str
    url: str
    contacts: tuple[str, ...]
    asked: int
    double_escalation: bool
    acknowledged_by: str
    opened_at: datetime
    ended_at: datetime
    source: str

    def digest(self) -> str:
        """The content: the same incident imported again is the same."""
        content = json.dumps(["import", *asdict(self).values()], default=str)
        return hashlib.sha256(content.encode()).hexdigest()


def check(past: Past) -> None:
    """Refuse what could not be kept.

    Raises:
        ValidationError: by field.
    """
    _row(past, "").clean_fields(exclude=["content_hash"])
    for number in past.contacts:
        validate_phone_number(number)
    if past.ended_at < past.opened_at:
        raise ValidationError("It ended before it was opened.")


def known(incident_ids: Sequence[str]) -> Mapping[str, str]:
    """The digests of the incidents that are here, by id."""
    return dict(Incident.objects.filter(OneOf("incident_id", incident_ids)).values_list("incident_id", "content_hash"))


def is_same(past: Past, digest: str) -> bool:
    """Whether the digest of an incident that is here is that of this past; also after an erasure, which keys it."""
    return digest in (past.digest(), old_id(past.digest()))


@transaction.atomic
def add(pasts: Sequence[Past], *, actor: str) -> int:
    """Write incidents that were checked, resolved from the first moment; those whose id is taken meanwhile are not.

    Returns:
        How many were written.
    """
    taken = known([past.incident_id for past in pasts])
    new = [past for past in pasts if past.incident_id not in taken]
    rows = Incident.objects.bulk_create([_row(past, actor) for past in new])
    names = _names(new)
    steps = [
        IncidentStep(incident=row, position=position, wait_seconds=_WAIT_SECONDS, reminders=_REMINDERS)
        for row, past in zip(rows, new, strict=True)
        for position, _ in enumerate(past.contacts, start=1)
    ]
    IncidentStep.objects.bulk_create(steps)
    numbers = [(past, number) for past in new for number in past.contacts]
    IncidentContact.objects.bulk_create(
        IncidentContact(
            step=step,
            phone_number=number,
            name=names.get(number, ""),
            state=State.NOTIFIED if step.position <= past.asked else State.PENDING,
        )
        for step, (past, number) in zip(steps, numbers, strict=True)
    )
    TimelineEntry.objects.bulk_create(
        entry for row, past in zip(rows, new, strict=True) for entry in _timeline(row, past, actor)
    )
    return len(rows)


def _row(past: Past, actor: str) -> Incident:
    return Incident(
        incident_id=past.incident_id,
        description=past.description,
        url=past.url,
        content_hash=past.digest(),
        status=Status.RESOLVED,
        double_escalation=past.double_escalation,
        step=past.asked,
        opened_at=past.opened_at,
        opened_by=actor[:150],
        acknowledged_at=past.ended_at if past.acknowledged_by else None,
        acknowledged_by=past.acknowledged_by,
        ended_at=past.ended_at,
        resolved_at=past.ended_at,
    )


def _timeline(row: Incident, past: Past, actor: str) -> list[TimelineEntry]:
    def line(at: datetime, kind: Kind, text: str = "", who: str = "") -> TimelineEntry:
        return TimelineEntry(incident=row, at=at, kind=kind, text=text, actor=who)

    ended = Kind.ACKNOWLEDGED if past.acknowledged_by else Kind.UNACKNOWLEDGED
    return [
        line(past.opened_at, Kind.OPENED, past.description),
        line(past.opened_at, Kind.NOTE, past.source, actor),
        line(past.ended_at, ended, who=past.acknowledged_by),
        line(past.ended_at, Kind.RESOLVED, who=actor),
    ]


def _names(pasts: Sequence[Past]) -> Mapping[str, str]:
    numbers = {number for past in pasts for number in past.contacts}
    return dict(Contact.objects.filter(OneOf("phone_number", numbers)).values_list("phone_number", "name"))
