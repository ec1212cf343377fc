"""What the page of a campaign reads beside its figures: what still waits and where, who booked, names."""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from messaging import text
from messaging.models import Contact, Lane, OriginationIdentity, OutboundMessage, Priority
from messaging.models import Status as TextStatus
from messaging.selectors import answerable_numbers
from shifts import campaigns
from shifts.campaigns.subject import CONVERSATION
from shifts.campaigns.texts import texts_of
from shifts.models import Booking, Campaign

_UNDER_WAY = (TextStatus.QUEUED, TextStatus.SENDING)
_CHUNK = 1_000
# Reasons are counted in so many rows at most: the page of a campaign that is sent asks for them every few seconds.
_MOST_GROUPED = 20_000
_MOST_REASONS = 20
# Consent says when somebody opted out, which makes as many reasons as days.
_DATED = re.compile(r" on \d{4}-\d\d-\d\d\.$")
_REASONS = {
    TextStatus.CANCELLED.value: "The campaign was cancelled before their turn.",
    TextStatus.UNKNOWN.value: "AWS did not answer: they may have it. Not sent again, so that nobody has it twice.",
    TextStatus.FAILED.value: "AWS refused it for good.",
}


def parts_left(campaign: Campaign, people: int) -> dict[str, int]:
    """Message parts that each number of ours has yet to send, to so many people in all."""
    sizes = {text.measure(body).parts for body in texts_of(campaign).all()}
    if len(sizes) == 1 and (identity := campaign.origination_identity or only_number()):
        # Rows need not be read to tell: on a page that asks every few seconds they may be a hundred thousand.
        return {identity: people * sizes.pop()}
    rows = _texts(campaign).filter(status__in=_UNDER_WAY).order_by().values_list("origination_identity")
    return dict(rows.annotate(left=Sum("parts")))


def stopped_lane(campaign: Campaign) -> Lane | None:
    """The paused (first of all), held or limited lane that texts of this campaign wait in."""
    texts = _texts(campaign).filter(status=TextStatus.QUEUED)
    limited = Q(limited_at__isnull=False, below_priority__lte=Priority.CAMPAIGN)
    stopped = Q(paused_at__isnull=False) | Q(held_at__isnull=False) | limited
    lanes = Lane.objects.filter(
        stopped, Exists(texts.filter(origination_identity=OuterRef("origination_identity__identity")))
    ).select_related("origination_identity")
    return lanes.order_by(F("paused_at").desc(nulls_last=True), "pk").first()


def texts_lately(campaign: Campaign, since: datetime) -> int:
    """How many texts of a campaign have left since then.

    By what each number has sent lately: never more than it may send in that time, however large the campaign.
    """
    its = Q(conversation=CONVERSATION, subject=campaign.campaign_id, priority=Priority.CAMPAIGN)
    identities = OriginationIdentity.objects.values_list("identity", flat=True)
    # Not a condition on the rows: a database that knows nothing of recent ones would read all of the campaign's.
    sent = OutboundMessage.objects.filter(origination_identity__in=list(identities), attempted_at__gt=since)
    return int(sent.aggregate(texts=Count("pk", filter=its))["texts"])


def cost(campaign: Campaign) -> list[tuple[Decimal, str, int]]:
    """What AWS has charged for its texts, as far as it has said so: amount, currency, and of how many texts."""
    priced = _texts(campaign).filter(price__isnull=False).order_by("currency").values_list("currency")
    return [(amount, currency, texts) for currency, amount, texts in priced.annotate(Sum("price"), Count("pk"))]


def not_texted_by_reason(campaign: Campaign) -> tuple[list[tuple[str, int, str, str]], bool]:
    """Why people got no text, how many each, with status and code; and whether all of them were counted."""
    rows = campaigns.not_texted(campaign).order_by()[:_MOST_GROUPED]
    grouped = (
        OutboundMessage.objects.filter(pk__in=rows.values("pk"))
        .order_by()
        .values_list("status", "error_code", "error_reason")
        .annotate(people=Count("pk"))
    )
    words: dict[tuple[str, str, str], int] = {}
    total = 0
    for status, code, reason, people in grouped:
        total += people
        why = _DATED.sub(".", reason) or _REASONS.get(status) or str(TextStatus(status).label)
        words[why, status, code] = words.get((why, status, code), 0) + people
    counted = [(why, people, status, code) for (why, status, code), people in words.items()]
    counted.sort(key=lambda one: (-one[1], one[0]))
    return counted[:_MOST_REASONS], total < _MOST_GROUPED and len(counted) <= _MOST_REASONS


def mps_of(identities: Collection[str]) -> dict[str, int]:
    """The pace of these numbers of ours, in parts a second."""
    rows = OriginationIdentity.objects.filter(identity__in=identities)
    return dict(rows.values_list("identity", "mps"))


def only_number() -> str:
    """The number of ours that answers can come to, if there is only one; else ""."""
    numbers = answerable_numbers().values_list("identity", flat=True)[:2]
    return numbers[0] if len(numbers) == 1 else ""


def bookings(campaign: Campaign) -> QuerySet[Booking]:
    """The places that are held through a campaign, newest first, each with its shift and its person."""
    rows = Booking.objects.filter(campaign=campaign, dropped_at__isnull=True)
    return rows.select_related("shift", "employee__contact").order_by("-booked_at", "-id")


def not_texted(campaign: Campaign, most: int) -> list[tuple[OutboundMessage, str]]:
    """The first of those who got no text, each with the name of their contact ("" without)."""
    return list(islice(_with_names(campaigns.not_texted(campaign)[:most]), most))


def not_texted_table(campaign: Campaign) -> Iterator[tuple[Any, ...]]:
    """All of them, for a file: the header first. Memory does not grow with their number."""
    yield ("phone_number", "name", "status", "reason", "at")
    for message, name in _with_names(campaigns.not_texted(campaign).iterator(chunk_size=_CHUNK)):
        at = message.ended_at or message.unknown_at or message.queued_at
        yield (message.destination_phone_number, name, message.status, reason_of(message), at)


def reason_of(message: OutboundMessage) -> str:
    """Why somebody got no text: what is known, else what the status says."""
    return message.error_reason or _REASONS.get(message.status) or str(message.get_status_display())


def _with_names(messages: Iterable[OutboundMessage]) -> Iterator[tuple[OutboundMessage, str]]:
    rows = iter(messages)
    while chunk := list(islice(rows, _CHUNK)):
        numbers = [message.destination_phone_number for message in chunk]
        names = dict(Contact.objects.filter(phone_number__in=numbers).values_list("phone_number", "name"))
        for message in chunk:
            yield message, names.get(message.destination_phone_number, "")


def _texts(campaign: Campaign) -> QuerySet[OutboundMessage]:
    # Answers to replies have the campaign as subject as well, and another priority.
    return OutboundMessage.objects.filter(
        conversation=CONVERSATION, subject=campaign.campaign_id, priority=Priority.CAMPAIGN
    )
