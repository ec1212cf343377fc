"""What shifts hold of people: employees, what they booked, who is to be called back, and strangers who texted."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from messaging import clock
from messaging.privacy.names import STAND_IN, Person, old_id
from messaging.privacy.tables import Age, Table, as_json
from shifts import booking, people
from shifts.calls import callbacks
from shifts.models import (
    Booking,
    CallAttempt,
    CallBack,
    Campaign,
    CampaignVersion,
    Employee,
    Listing,
    RosterImport,
    Segment,
    SegmentMember,
    Shift,
    UnauthorisedText,
)

_SETTING = "RETENTION_TEXTS_DAYS"
_OPEN_CALLS = [CallBack.Status.PLACING, CallBack.Status.WAITING, CallBack.Status.TAKEN]
_UNDER_WAY = [RosterImport.Status.CHECKING, RosterImport.Status.CHECKED, RosterImport.Status.IMPORTING]
# Between the digits of a number, as lists write it.
_BETWEEN = re.compile(rb"[ \t().\-/]")
# Fewer could be anything; the same number may be written with or without its country.
_TELLING_DIGITS = 9


def _is_theirs(person: Person) -> Q:
    return Q(employee__contact__phone_number=person.phone_number)


@dataclass(frozen=True, slots=True)
class Employees:
    """Whoever never booked is deleted. Whoever did stays as a row without a name: places that were taken stay taken."""

    label: str = Employee._meta.label
    model: type[Employee] = Employee
    free: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    age: None = None

    def rows(self, person: Person) -> QuerySet[Employee]:
        """One row, or none."""
        return Employee.objects.filter(contact__phone_number=person.phone_number)

    def _left(self, person: Person) -> QuerySet[Employee]:
        booked = Exists(Booking.objects.filter(employee=OuterRef("pk")))
        return self.rows(person).filter(Q(approved=True) | ~booked)

    def count(self, person: Person) -> int:
        """1, or 0."""
        return self._left(person).count()

    def export(self, person: Person) -> Iterator[dict[str, Any]]:
        """The row, with the names of the segments."""
        for row in self.rows(person):
            yield as_json(row) | {"segments": sorted(row.segments.values_list("name", flat=True))}

    def anonymise(self, person: Person, now: datetime) -> int:
        """Delete, or withdraw the approval."""
        employee = self._left(person).first()
        if employee is None:
            return 0
        try:
            people.delete_employee(employee)
        except people.InUse:
            people.set_approved(self.rows(person), approved=False)
        return 1


def _call_back(row: CallBack, person: Person) -> dict[str, Any]:
    return {
        "phone_number": person.stand_in,
        "inbound_message_id": old_id(row.inbound_message_id),
        "contact_id": old_id(row.contact_id),
        "reason": "",
        "note": "",
    }


def _call_back_too_old(row: CallBack, person: Person) -> dict[str, Any]:
    return {"phone_number": person.stand_in, "reason": "", "note": ""}


def _text(row: UnauthorisedText, person: Person) -> dict[str, Any]:
    return {
        "phone_number": person.stand_in,
        "inbound_message_id": old_id(row.inbound_message_id),
        "body": "",
    }


def _text_too_old(row: UnauthorisedText, person: Person) -> dict[str, Any]:
    return {"phone_number": person.stand_in, "body": ""}


class ShiftData:
    """Plug-in of settings.MESSAGING["PERSONAL_DATA"]."""

    name = "shifts"
    kept: Mapping[str, str] = {
        "shifts.Booking.actor": "a username of the staff",
        "shifts.CallAttempt.actor": "a username of the staff",
        "shifts.CallBack.origination_identity": "a number of ours",
        "shifts.CallBack.subject": "id of a campaign",
        "shifts.CallBack.taken_by": "a username of the staff",
        "shifts.CallBack.closed_by": "a username of the staff",
        "shifts.Campaign.campaign_id": "the name of the campaign, which texts know it by",
        "shifts.Campaign.origination_identity": "a number of ours",
        "shifts.Campaign.content_hash": "a digest of the campaign",
        "shifts.Campaign.created_by": "a username of the staff",
        "shifts.Campaign.people_by_language": "figures",
        "shifts.CampaignAct.actor": "a username of the staff",
        "shifts.CampaignVersion.language": "a language",
        "shifts.RosterImport.content": "a list on its way in; the import itself empties it",
        "shifts.RosterImport.segment_name": "name of a segment",
        "shifts.RosterImport.counts": "figures",
        "shifts.RosterImport.created_by": "a username of the staff",
        "shifts.Shift.shift_id": "the code of a shift",
    }

    def tables(self) -> Sequence[Any]:
        """What belongs to an employee before the employee."""
        return (
            Table(Listing, mine=_is_theirs),
            Table(SegmentMember, mine=_is_theirs),
            Table(
                Booking,
                mine=_is_theirs,
                change=lambda row, person: {"dropped_by": person.stand_in},
                left=Q(dropped_by__startswith="+"),
                covers=("dropped_by",),
            ),
            Table(
                CallAttempt,
                mine=lambda person: Q(call_back__phone_number=person.phone_number),
                change=lambda row, person: {"note": ""},
                left=~Q(note=""),
                open=lambda now: Q(call_back__status__in=_OPEN_CALLS),
                covers=("note",),
                age=Age(
                    _SETTING,
                    "begun_at",
                    lambda row: "",
                    Q(note=""),
                    lambda now: Q(call_back__status__in=_OPEN_CALLS),
                    lambda row, person: {"note": ""},
                ),
            ),
            Table(
                CallBack,
                mine=lambda person: Q(phone_number=person.phone_number),
                change=_call_back,
                open=lambda now: Q(status__in=_OPEN_CALLS),
                covers=("phone_number", "inbound_message_id", "contact_id", "reason", "note"),
                age=Age(
                    _SETTING,
                    "requested_at",
                    lambda row: row.phone_number,
                    Q(phone_number__startswith=STAND_IN),
                    lambda now: Q(status__in=_OPEN_CALLS),
                    _call_back_too_old,
                ),
            ),
            Table(
                UnauthorisedText,
                mine=lambda person: Q(phone_number=person.phone_number),
                change=_text,
                covers=("phone_number", "inbound_message_id", "body"),
                age=Age(
                    _SETTING,
                    "received_at",
                    lambda row: row.phone_number,
                    Q(phone_number__startswith=STAND_IN),
                    lambda now: Q(pk__in=[]),
                    _text_too_old,
                ),
            ),
            Employees(),
            Table(RosterImport, free=("file_name", "errors", "sample")),
            Table(Campaign, free=("campaign_message", "footer", "text", "texts_by_language", "problem")),
            Table(CampaignVersion, free=("message", "footer")),
            Table(Shift, free=("shift_info",)),
            Table(Segment, free=("name",)),
        )

    def obstacles(self, person: Person) -> Sequence[str]:
        """Shifts to come, calls to be made, and lists on their way in that may bring them back."""
        codes = _to_come(person)
        found = [f"They hold shifts that are still to come: {', '.join(codes)}. Take them off first."] if codes else []
        if _calls_of(person).exists():
            found.append("They wait to be called back. Close that first.")
        found += [
            f"The list {one.file_name} that is being imported may name them. Finish it first." for one in _lists(person)
        ]
        return found

    def end(self, person: Person, *, actor: str) -> None:
        """Give back their places, and close what waits for a person."""
        employee = Employee.objects.filter(contact__phone_number=person.phone_number).first()
        if employee is not None and (codes := _to_come(person)):
            booking.drop(employee, codes, by=actor)
        for pk in callbacks.open_for_staff().filter(phone_number=person.phone_number).values_list("pk", flat=True):
            # Closed meanwhile: as well.
            with suppress(callbacks.NotAllowed):
                callbacks.close(pk, actor=actor)

    def names(self, phone_number: str) -> Sequence[str]:
        """None but their contact's."""
        return ()

    def takes_part(self, phone_number: str) -> Collection[tuple[str, str]]:
        """Nothing whose texts to others name them."""
        return ()

    def open_rows(self) -> Mapping[str, Q]:
        """None but those that the tables name themselves."""
        return {}


def _to_come(person: Person) -> list[str]:
    held = Booking.objects.filter(_is_theirs(person), dropped_at__isnull=True, shift__starts_at__gt=clock.now())
    return sorted(held.values_list("shift__shift_id", flat=True))


def _calls_of(person: Person) -> QuerySet[CallBack]:
    return CallBack.objects.filter(phone_number=person.phone_number, status__in=_OPEN_CALLS)


def _lists(person: Person) -> list[RosterImport]:
    digits = re.sub(r"\D", "", person.phone_number)[-_TELLING_DIGITS:].encode()
    rows = RosterImport.objects.filter(status__in=_UNDER_WAY)
    return [one for one in rows if digits in _BETWEEN.sub(b"", bytes(one.content))]
