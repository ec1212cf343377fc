"""What incidents hold of people: who was asked, what they said, and what others were told of them."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from incidents import lifecycle
from incidents.alerts import held as alerts
from incidents.lifecycle.notices import CONVERSATION
from incidents.models import (
    EscalationPolicy,
    Incident,
    IncidentContact,
    PolicyStep,
    ReportedDay,
    State,
    Status,
    TimelineEntry,
)
from incidents.reports import days, kept
from messaging import clock
from messaging.models import InboundMessage, OutboundMessage
from messaging.models import Status as TextStatus
from messaging.privacy.held import erased_key
from messaging.privacy.names import OLD_ID, STAND_IN, Person, old_id
from messaging.privacy.tables import Age, Change, Table

_SETTING = "RETENTION_TEXTS_DAYS"
# An unkeyed digest of numbers and words that can be guessed tells the numbers: there are ten billion, an afternoon's
# work. Under the key it still tells a repeat.
_WITHOUT_DIGEST = Q(content_hash="") | Q(content_hash__startswith=OLD_ID)
# What somebody is to an open incident while something may still be sent to them, or come of it.
_ASKED = Q(state__in=[State.PENDING, State.TEXTED, State.NOTIFIED]) | Q(awaiting=True)


class IncidentData:
    """Plug-in of settings.MESSAGING["PERSONAL_DATA"]."""

    name = "incidents"
    kept: Mapping[str, str] = {
        "incidents.Incident.incident_id": "the name of the incident, which others know it by",
        "incidents.Incident.policy": "name of a policy",
        "incidents.Incident.origination_identity": "a number of ours",
        "incidents.Incident.opened_by": "a username of the staff",
        "incidents.ReportedDay.zone": "name of a time zone",
        **alerts.KEPT,
    }

    def tables(self) -> Sequence[Any]:
        """What is found by the contacts of an incident before the contacts."""
        return (
            Table(OutboundMessage, mine=_told_to_others, change=_told, open=_not_sent, sure=_names(_told)),
            # Not to be looked up at AWS by what it answered or followed from. Found while their texts have their ids.
            Table(OutboundMessage, mine=_caused_by_them, change=lambda row, person: {"trace": old_id(row.trace)}),
            Table(
                TimelineEntry,
                mine=lambda person: (
                    _theirs(person, "incident") & _names_them(person, ["text"], ["phone_number", "actor"])
                ),
                change=_line,
                sure=_names(_line),
                free=("text",),
                covers=("phone_number", "actor", "text", "key"),
                age=Age(
                    _SETTING,
                    "at",
                    lambda row: row.phone_number,
                    Q(text="") & (Q(phone_number="") | Q(phone_number__startswith=STAND_IN)),
                    lambda now: Q(incident__status=Status.NOT_ACKNOWLEDGED),
                    _line_too_old,
                    in_order=False,
                ),
            ),
            Table(
                Incident,
                mine=lambda person: (
                    _theirs(person, "pk")
                    & (_names_them(person, ["description"], ["acknowledged_by"]) | ~_WITHOUT_DIGEST)
                ),
                change=_incident,
                sure=_names(_incident),
                free=("description", "url"),
                covers=("acknowledged_by", "content_hash"),
                age=Age(
                    _SETTING,
                    "opened_at",
                    lambda row: row.acknowledged_by,
                    _WITHOUT_DIGEST & ~Q(acknowledged_by__startswith="+"),
                    lambda now: Q(status=Status.NOT_ACKNOWLEDGED),
                    _incident_too_old,
                    in_order=False,
                ),
            ),
            Table(
                IncidentContact,
                mine=lambda person: Q(phone_number=person.phone_number),
                change=_contact,
                open=lambda now: Q(step__incident__status=Status.NOT_ACKNOWLEDGED) & _ASKED,
                covers=("phone_number", "name", "language"),
                age=Age(
                    _SETTING,
                    "step__incident__opened_at",
                    lambda row: row.phone_number,
                    Q(phone_number__startswith=STAND_IN),
                    lambda now: Q(step__incident__status=Status.NOT_ACKNOWLEDGED),
                    _contact,
                    in_order=False,
                ),
                told=_count_anew,
            ),
            Table(EscalationPolicy, free=("name", "description")),
            Table(ReportedDay, free=("figures",), mention=_day),
            *alerts.tables(),
        )

    def obstacles(self, person: Person) -> Sequence[str]:
        """Open incidents, and policies that would ask them tomorrow."""
        open_ones = _open_for(person)
        found = [f"They are being asked about incident {one}. Decline it for them, or end it." for one in open_ones]
        policies = _steps_of(person).order_by("policy__name").values_list("policy__name", flat=True).distinct()
        return [*found, *(f"The escalation policy {name} asks them. Put somebody else there." for name in policies)]

    def end(self, person: Person, *, actor: str) -> None:
        """Decline what is open for them; take them out of steps that somebody else is left in."""
        for incident_id in _open_for(person):
            # Over meanwhile: then nothing is left to decline.
            with suppress(lifecycle.NotAllowed):
                lifecycle.decline(incident_id, contact=person.phone_number, actor=actor)
        for step in _steps_of(person):
            if step.contacts.exclude(phone_number=person.phone_number).exists():
                step.contacts.remove(*step.contacts.filter(phone_number=person.phone_number))

    def names(self, phone_number: str) -> Sequence[str]:
        """As they were called when incidents opened."""
        rows = IncidentContact.objects.filter(phone_number=phone_number).exclude(name="")
        return list(rows.order_by().values_list("name", flat=True).distinct())

    def takes_part(self, phone_number: str) -> Collection[tuple[str, str]]:
        """The incidents that they are a contact of: others hear who has one. Index incidents_contact_phone."""
        rows = IncidentContact.objects.filter(phone_number=phone_number).order_by()
        ids = rows.values_list("step__incident__incident_id", flat=True).distinct()
        return [(CONVERSATION, incident_id) for incident_id in ids]

    def open_rows(self) -> Mapping[str, Q]:
        """Texts of open incidents are read by whoever has to decide."""
        open_ones = Incident.objects.filter(status=Status.NOT_ACKNOWLEDGED).order_by().values("incident_id")
        texts = Q(conversation=CONVERSATION, subject__in=open_ones)
        return {"messaging.OutboundMessage": texts, "messaging.InboundMessage": texts}


def _open_for(person: Person) -> list[str]:
    rows = IncidentContact.objects.filter(
        _ASKED, phone_number=person.phone_number, step__incident__status=Status.NOT_ACKNOWLEDGED
    )
    return sorted(set(rows.order_by().values_list("step__incident__incident_id", flat=True)))


def _steps_of(person: Person) -> Any:
    return PolicyStep.objects.filter(contacts__phone_number=person.phone_number)


def _theirs(person: Person, field: str) -> Q:
    """Of the incidents that they are a contact of. Index incidents_contact_phone."""
    contacts = IncidentContact.objects.filter(phone_number=person.phone_number).order_by()
    return Q(**{f"{field}__in": contacts.values("step__incident")})


def _names_them(person: Person, words: Sequence[str], numbers: Sequence[str]) -> Q:
    found = Q()
    for field in numbers:
        found |= Q(**{field: person.phone_number})
    for field in words:
        for name in (person.phone_number, *person.names):
            found |= Q(**{f"{field}__contains": name})
    return found


def _told_to_others(person: Person) -> Q:
    """Texts of their incidents in which others were told what they did. Index messaging_outbound_subject."""
    contacts = IncidentContact.objects.filter(phone_number=person.phone_number).order_by()
    of_theirs = Q(conversation=CONVERSATION, subject__in=contacts.values("step__incident__incident_id"))
    return of_theirs & _names_them(person, ["body"], []) & ~Q(destination_phone_number=person.phone_number)


def _caused_by_them(person: Person) -> Q:
    """Texts of their incidents that went to others for something that they texted. Index messaging_outbound_subject."""
    contacts = IncidentContact.objects.filter(phone_number=person.phone_number).order_by()
    heard = InboundMessage.objects.filter(origination_phone_number=person.phone_number).order_by()
    return Q(
        conversation=CONVERSATION,
        subject__in=contacts.values("step__incident__incident_id"),
        trace__in=heard.values("inbound_message_id"),
    ) & ~Q(destination_phone_number=person.phone_number)


def _names(change: Change) -> Callable[[Any, Person], bool]:
    """Whether a row would be another without them."""
    return lambda row, person: any(getattr(row, name) != value for name, value in change(row, person).items())


def _told(row: OutboundMessage, person: Person) -> dict[str, Any]:
    return {"body": person.unnamed(row.body)}


def _not_sent(now: datetime) -> Q:
    return Q(status__in=[TextStatus.QUEUED, TextStatus.SENDING])


def _line(row: TimelineEntry, person: Person) -> dict[str, Any]:
    if person.phone_number not in (row.phone_number, row.actor):
        return {"text": person.unnamed(row.text)}
    return {
        "phone_number": person.without(row.phone_number),
        "actor": person.without(row.actor),
        "text": "",
        "key": erased_key(row.key),
    }


def _line_too_old(row: TimelineEntry, person: Person) -> dict[str, Any]:
    return {
        "phone_number": person.stand_in if row.phone_number else "",
        "actor": person.stand_in if row.phone_number and row.actor == row.phone_number else row.actor,
        "text": "",
    }


def _incident(row: Incident, person: Person) -> dict[str, Any]:
    return {
        "content_hash": old_id(row.content_hash),
        "acknowledged_by": person.without(row.acknowledged_by),
        "description": person.unnamed(row.description),
        "url": person.without(row.url),
    }


def _incident_too_old(row: Incident, person: Person) -> dict[str, Any]:
    # Or else it is a username.
    who = person.stand_in if row.acknowledged_by.startswith("+") else row.acknowledged_by
    return {"acknowledged_by": who, "content_hash": old_id(row.content_hash)}


def _contact(row: IncidentContact, person: Person) -> dict[str, Any]:
    return {"phone_number": person.stand_in, "name": "", "language": ""}


def _count_anew(rows: Sequence[IncidentContact]) -> None:
    """Reports name people by number: whatever was counted before, or is just being counted, holds no more."""
    zone = timezone.get_default_timezone()
    opened = Incident.objects.filter(steps__in={row.step_id for row in rows}).order_by()
    of_days = {timezone.localdate(at, zone): at for at in opened.values_list("opened_at", flat=True)}
    for at in of_days.values():
        kept.changed(at, clock.now())


def _day(row: ReportedDay, person: Person) -> dict[str, Any]:
    """At once, and not when it is counted anew; a count that began before is not kept then."""
    figures = days.renamed(row.figures, person.phone_number, person.stand_in)
    figures = json.loads(person.without(json.dumps(figures)))
    return {} if figures == row.figures else {"figures": figures, "version": row.version + 1}
