"""What staff and API read, as querysets that need no further query for each row."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import phonenumbers
from django.core.exceptions import ValidationError
from django.db.models import Aggregate, Count, Min, OuterRef, Q, QuerySet, Subquery, Sum

from messaging import numbers
from messaging.forms import read_phone_number
from messaging.models import (
    Budget,
    Contact,
    DeliveryEvent,
    InboundMessage,
    Lane,
    OriginationIdentity,
    OutboundMessage,
    Priority,
    Status,
)

# Backlogs are counted no further: whoever asks every few seconds must not read a campaign of a million texts.
COUNTED_TO = 2_000
# Workers look at them every 15 seconds.
_BUDGETS_FORGOTTEN = timedelta(minutes=2)
_BUDGETS_OVERLOOKED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Texts of one priority that wait in the lane of one number, among the COUNTED_TO that leave next.

    Attributes:
        oldest_at: when the one that waits longest was queued.
        texts: how many.
        parts: of these.
        mps: message parts per second that the number may send; 0 when its lane is paused or the number is off.
    """

    identity: str
    priority: Priority
    oldest_at: datetime
    texts: int
    parts: int
    mps: int


@dataclass(frozen=True, slots=True)
class Unrouted:
    """Inbound texts that nobody has routed, counted to COUNTED_TO, those to be routed next first.

    Attributes:
        oldest_at: when the one that waits longest reached us; None when none waits.
        failing: how many of these have failed to be routed, and are tried again.
    """

    oldest_at: datetime | None
    texts: int
    failing: int


def origination_identities() -> QuerySet[OriginationIdentity]:
    """Our numbers, each with the state of its lane."""
    return OriginationIdentity.objects.select_related("lane")


def answerable_numbers() -> QuerySet[OriginationIdentity]:
    """Our numbers that texts leave from and that people can answer."""
    return OriginationIdentity.objects.filter(active=True, two_way=True)


def forgotten_budgets(now: datetime) -> QuerySet[Budget]:
    """Budgets that nobody has looked at for a while: no worker listens to their queue, or it cannot keep up."""
    return Budget.objects.filter(counted_at__lt=now - _BUDGETS_FORGOTTEN)


def overlooked_budgets(now: datetime) -> QuerySet[Budget]:
    """As forgotten_budgets, sooner, and with those that were never looked at since they were made or edited.

    How long ago that was is not known: whoever asks must see for how long it stays so.
    """
    return Budget.objects.exclude(counted_at__gte=now - _BUDGETS_OVERLOOKED)


def limited_lanes() -> QuerySet[Lane]:
    """Lanes that let only urgent texts pass: a budget is used up."""
    return Lane.objects.filter(limited_at__isnull=False)


def paused_lanes() -> QuerySet[Lane]:
    """Lanes that send nothing until somebody mends something."""
    return Lane.objects.filter(paused_at__isnull=False)


def held_lanes() -> QuerySet[Lane]:
    """Lanes that would send, were the guards there to be asked. Nobody asks them for a lane that is paused or off."""
    return Lane.objects.filter(held_at__isnull=False, paused_at__isnull=True, origination_identity__active=True)


def waiting_texts() -> list[Waiting]:
    """What waits in the lanes, by number and priority; withheld texts do not count, texts that are tried again do.

    One query for each number, which reads COUNTED_TO rows of the index by which texts are claimed.
    """
    numbers_ = OriginationIdentity.objects.values_list("identity", "mps", "active", "lane__paused_at")
    return [
        waiting
        for identity, mps, active, paused_at in numbers_
        for waiting in _waiting(identity, mps if active and paused_at is None else 0)
    ]


def _waiting(identity: str, mps: int) -> Iterator[Waiting]:
    # In the order of all priorities: for one alone, PostgreSQL may think it quicker to read the table by its key.
    next_to_leave = OutboundMessage.objects.filter(
        origination_identity=identity, status=Status.QUEUED, withheld=False
    ).order_by("priority", "id")[:COUNTED_TO]
    wanted: dict[str, Aggregate] = {}
    for priority in Priority:
        of_it = Q(priority=priority)
        wanted[f"oldest_at_{priority.name}"] = Min("queued_at", filter=of_it)
        wanted[f"texts_{priority.name}"] = Count("pk", filter=of_it)
        wanted[f"parts_{priority.name}"] = Sum("parts", filter=of_it)
    found = next_to_leave.aggregate(**wanted)
    for priority in Priority:
        oldest_at, texts, parts = (found[f"{what}_{priority.name}"] for what in ("oldest_at", "texts", "parts"))
        if texts:
            yield Waiting(identity, priority, oldest_at, texts, parts, mps)


def unrouted_texts() -> Unrouted:
    """What waits to be routed."""
    rows = InboundMessage.objects.filter(routed_at__isnull=True).order_by("received_at", "id")[:COUNTED_TO]
    return Unrouted(
        **rows.aggregate(oldest_at=Min("stored_at"), texts=Count("pk"), failing=Count("pk", filter=Q(attempts__gt=0)))
    )


def delivery_events() -> QuerySet[DeliveryEvent]:
    """News from AWS, each with its text."""
    return DeliveryEvent.objects.select_related("message")


def waiting_for_staff() -> QuerySet[InboundMessage]:
    """The unmatched inbox: texts that nobody understood and nobody of the staff has dealt with."""
    return InboundMessage.objects.filter(outcome=InboundMessage.Outcome.UNMATCHED, handled_at__isnull=True)


def with_names(rows: QuerySet[Any], phone_number: str) -> QuerySet[Any]:
    """Rows, each with ``person``: the name of the contact with the number in that column; None without one."""
    contacts = Contact.objects.filter(phone_number=OuterRef(phone_number)).exclude(name="")
    named: QuerySet[Any] = rows.annotate(person=Subquery(contacts.values("name")[:1]))
    return named


def phone_numbers_meant(text: str) -> list[str]:
    """The phone numbers in E.164 that a person may mean by what they typed; none when it is no phone number.

    Without a country code the number is read as one of the default origination identity's country, and as one whose +
    was left out.
    """
    try:
        return [read_phone_number(text)]
    except ValidationError:
        pass
    digits = "".join(character for character in text if character.isdigit())
    if not digits.isascii() or not 3 <= len(digits) <= 15 or any(character.isalpha() for character in text):
        return []
    # A short code is its own E.164.
    return list(dict.fromkeys([*_in_our_country(digits), f"+{digits}", digits]))


def _in_our_country(digits: str) -> list[str]:
    ours = OriginationIdentity.objects.filter(is_default=True).values_list("identity", "iso_country_code").first()
    if ours is None:
        return []
    identity, country = ours
    try:
        number = phonenumbers.parse(digits, country or numbers.country_of(identity) or None)
    except phonenumbers.NumberParseException:
        return []
    return [phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)]
