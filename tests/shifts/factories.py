"""Short ways to the rows of shifts that tests begin with."""

import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from messaging import clock
from messaging.models import Contact
from shifts.models import Booking, Campaign, Employee, Segment, SegmentMember, Shift
from tests.messaging.factories import ANN

_numbers = itertools.count(1)


def employee(
    phone_number: str = ANN,
    *,
    name: str = "",
    approved: bool = True,
    segments: Sequence[Segment | str] = (),
    **contact: Any,
) -> Employee:
    """Somebody who may book, in these segments; a contact of this number is taken as it is."""
    person, _ = Contact.objects.get_or_create(phone_number=phone_number, defaults={"name": name} | contact)
    row = Employee.objects.create(contact=person, approved=approved)
    for one in segments:
        SegmentMember.objects.create(segment=segment(one) if isinstance(one, str) else one, employee=row)
    return row


def employees(count: int, begin: int = 0, **fields: Any) -> list[Employee]:
    """As many people as you like, +14255560000 and on."""
    return [employee(f"+1425556{number:04}", **fields) for number in range(begin, begin + count)]


def segment(name: str = "Night nurses") -> Segment:
    """A segment of this name, made when there is none."""
    return Segment.objects.filter(name__iexact=name).first() or Segment.objects.create(name=name)


def shift(code: str = "XYZ123", *, at: float | None = None, hours: float | None = 8, **fields: Any) -> Shift:
    """A shift with a place left.

    Args:
        code: its code.
        at: hours from now when it begins; None: it has no time.
        hours: how long it is; None: it has no end.
        fields: the rest of the row.
    """
    if at is not None:
        begins = clock.now() + timedelta(hours=at)
        fields.setdefault("starts_at", begins)
        if hours is not None:
            fields.setdefault("ends_at", begins + timedelta(hours=hours))
    return Shift.objects.create(shift_id=code, **fields)


def campaign(
    campaign_id: str = "july", *, segment: Segment | None = None, shifts: Sequence[Shift] = (), **fields: Any
) -> Campaign:
    """A campaign as a draft, or in the status asked for with what belongs to it."""
    now = clock.now()
    values: dict[str, Any] = {
        "campaign_message": "Shifts are open.",
        "content_hash": f"hash-{next(_numbers)}",
        "created_at": now,
    }
    status = fields.get("status", "draft")
    if status == "scheduled":
        values["scheduled_at"] = now + timedelta(hours=1)
    if status in {"sending", "paused", "sent"}:
        values |= {"started_at": now, "text": "Shifts are open."}
    if status in {"sent", "cancelled"}:
        values["ended_at"] = now
    row = Campaign.objects.create(campaign_id=campaign_id, segment=segment or globals()["segment"](), **values | fields)
    row.shifts.set(shifts)
    return row


def holding(person: Employee, shift: Shift, **fields: Any) -> Booking:
    """A place on a shift that somebody holds, as if they had booked it a moment ago."""
    values: dict[str, Any] = {"source": Booking.Source.SMS, "booked_at": clock.now()}
    booking = Booking.objects.create(shift=shift, employee=person, **values | fields)
    Shift.objects.filter(pk=shift.pk).update(booked=Booking.objects.filter(shift=shift, dropped_at=None).count())
    shift.refresh_from_db()
    return booking
