"""Reads: the incidents of somebody who texts us, what is due, and figures."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Prefetch, Q, QuerySet

from incidents.models import Incident, IncidentContact, Kind, State, Status, TimelineEntry
from messaging.compiled import Compiled
from messaging.lookups import OneOf
from messaging.models import Lane, OutboundMessage
from messaging.models import Status as MessageStatus

# Nobody is a contact of more open incidents than they could read the ids of.
_MOST = 200
# What became of a text that nobody got.
_NOT_REACHED = (Kind.FAILED, Kind.SUPPRESSED, Kind.EXPIRED)


@dataclass(frozen=True, slots=True)
class Listed:
    """An incident as one of its contacts sees it."""

    incident_id: str
    is_open: bool
    was_asked: bool
    status: str
    opened_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Figures:
    """How an incident went."""

    time_to_first_text: timedelta | None
    time_to_acknowledgement: timedelta | None
    escalations: int


def of_sender(phone_number: str, *, since: datetime) -> list[Listed]:
    """The incidents that a number is a contact of: every open one, and those opened since; the open ones first."""
    return [
        Listed(row.incident_id, row.is_open, bool(row.times_asked), row.status, row.opened_at, row.ended_at)
        for row in _OF_SENDER.objects(phone_number=phone_number, since=since)
    ]


def _of_sender(phone_number: str, since: datetime) -> QuerySet[Incident]:
    asked = Q(steps__contacts__phone_number=phone_number) & ~Q(steps__contacts__state=State.PENDING)
    return (
        Incident.objects.filter(steps__contacts__phone_number=phone_number)
        .filter(Q(status=Status.NOT_ACKNOWLEDGED) | Q(opened_at__gte=since))
        .only("incident_id", "status", "opened_at", "ended_at")
        .annotate(times_asked=Count("steps__contacts", filter=asked))
        # The open ones first: however many have ended, none of them is cut off.
        .order_by(F("ended_at").desc(nulls_first=True), "-id")[:_MOST]
    )


_OF_SENDER = Compiled(_of_sender, phone_number=str, since=datetime)


def is_contact(incident_id: str, phone_number: str) -> bool:
    """Whether a number is among the contacts of an incident."""
    return _IS_CONTACT.any(incident_id=incident_id, phone_number=phone_number)


_IS_CONTACT = Compiled(
    lambda incident_id, phone_number: (
        IncidentContact.objects.filter(step__incident__incident_id=incident_id, phone_number=phone_number)
        .order_by()
        .values_list("pk")[:1]
    ),
    incident_id=str,
    phone_number=str,
)


def is_asked_elsewhere(incident: Incident, phone_number: str) -> bool:
    """Whether a number is a contact of another open incident, so that a bare YES would not say which."""
    return _ELSEWHERE.any(incident=incident.pk, phone_number=phone_number)


_ELSEWHERE = Compiled(
    lambda incident, phone_number: (
        IncidentContact.objects.filter(
            ~Q(step__incident=incident), phone_number=phone_number, step__incident__status=Status.NOT_ACKNOWLEDGED
        )
        .order_by()
        .values_list("pk")[:1]
    ),
    incident=int,
    phone_number=str,
)


def asked_now(phone_numbers: Collection[str]) -> set[str]:
    """Those of some numbers that are contacts of an open incident: a bare YES of theirs would not say of which."""
    rows = IncidentContact.objects.filter(
        phone_number__in=phone_numbers, step__incident__status=Status.NOT_ACKNOWLEDGED
    )
    return set(rows.order_by().values_list("phone_number", flat=True).distinct())


# Those who are asked now, or may come to be.
_MAY_BE_ASKED = Q(
    state__in=[State.PENDING, State.TEXTED, State.NOTIFIED],
    step__incident__status=Status.NOT_ACKNOWLEDGED,
    step__position__gte=F("step__incident__step"),
)


def that_may_ask(phone_number: str) -> list[str]:
    """The open incidents that wait for a number or may come to ask it, in the order in which several are locked.

    Those that do not ask it yet as well: a step that begins in this very moment is seen only once the lock is held.
    """
    rows = IncidentContact.objects.filter(_MAY_BE_ASKED, phone_number=phone_number)
    return sorted(set(rows.order_by().values_list("step__incident__incident_id", flat=True)))


def that_may_be_asked(phone_numbers: Collection[str]) -> set[str]:
    """Those of many numbers for whom ``that_may_ask`` finds something."""
    rows = IncidentContact.objects.filter(_MAY_BE_ASKED, OneOf("phone_number", phone_numbers))
    return set(rows.order_by().values_list("phone_number", flat=True))


def number_for(incident: Incident, phone_number: str) -> str | None:
    """The number of ours that an incident's texts to somebody leave from; None when it is not known yet."""
    if incident.origination_identity:
        return incident.origination_identity
    texts = OutboundMessage.objects.filter(
        conversation="incidents", subject=incident.incident_id, destination_phone_number=phone_number
    )
    return texts.order_by("-id").values_list("origination_identity", flat=True).first()


def stopped_lane(incident: Incident) -> Lane | None:
    """The paused (first of all) or held lane that a text of this incident waits in."""
    waiting = OutboundMessage.objects.filter(
        conversation="incidents", subject=incident.incident_id, status=MessageStatus.QUEUED
    ).values("origination_identity")
    stopped = Q(paused_at__isnull=False) | Q(held_at__isnull=False)
    lanes = Lane.objects.filter(stopped, origination_identity__identity__in=waiting)
    return lanes.order_by(F("paused_at").desc(nulls_last=True), "pk").first()


def next_due_at() -> datetime | None:
    """When the next wait is over."""
    rows = Incident.objects.filter(next_step_at__isnull=False).order_by("next_step_at")
    return rows.values_list("next_step_at", flat=True).first()


def with_contacts() -> QuerySet[Incident]:
    """Incidents with their steps and contacts, in a fixed number of queries."""
    contacts = IncidentContact.objects.select_related("step").order_by("step__position", "id")
    return Incident.objects.prefetch_related(Prefetch("steps__contacts", queryset=contacts))


def with_everything() -> QuerySet[Incident]:
    """The same, with timelines."""
    return with_contacts().prefetch_related(Prefetch("timeline", queryset=timeline_rows()))


def timeline_rows() -> QuerySet[TimelineEntry]:
    """Lines of timelines, in order."""
    return TimelineEntry.objects.order_by("at", "id")


def contacts(incident: Incident) -> list[IncidentContact]:
    """The contacts of an incident in the order in which they are asked. Uses what with_everything has fetched."""
    return [contact for step in incident.steps.all() for contact in step.contacts.all()]


def figures(incident: Incident) -> Figures:
    """How long things took, and how often it was escalated."""
    first, acknowledged = incident.first_text_at, incident.acknowledged_at
    return Figures(
        time_to_first_text=first - incident.opened_at if first else None,
        time_to_acknowledgement=acknowledged - incident.opened_at if acknowledged else None,
        escalations=incident.timeline.filter(kind=Kind.ESCALATED).count(),
    )


def not_reached(incident: Incident) -> Sequence[TimelineEntry]:
    """Who could not be texted, and why: a line for each text that nobody got. Uses what with_everything has fetched."""
    return [entry for entry in incident.timeline.all() if entry.kind in _NOT_REACHED]
