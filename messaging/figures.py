"""How the ground floor stands, for /metrics: what waits in lanes, what nobody has routed, what staff must see to."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Min, QuerySet
from django.utils import timezone

from messaging import counted, selectors
from messaging.budgets import figures as budgets
from messaging.counting import Counted, Gauge
from messaging.models import CountedDay, DeliveryEvent, OriginationIdentity, OutboundMessage, Priority, Status
from messaging.selectors import COUNTED_TO

_TO = f"counted to {COUNTED_TO}"


def seconds_since(at: datetime | None, now: datetime) -> float:
    """For how long something has waited; 0 when nothing waits."""
    return max(0.0, (now - at).total_seconds()) if at else 0.0


def counted_so_far(rows: QuerySet[Any]) -> int:
    """How many rows there are, counted no further than COUNTED_TO: by an index that holds only these."""
    return rows.order_by().values("pk")[:COUNTED_TO].count()


class Texts:
    """Plug-in of settings.MESSAGING["FIGURES"]."""

    counted: Sequence[Counted] = counted.ALL

    def standing(self, now: datetime) -> Iterator[Gauge]:
        """One query for each number of ours, as its lane is read; and twelve more."""
        yield from _lanes(now)
        yield from _under_way(now)
        yield from _inbound(now)
        yield from _today(now)
        yield from budgets.standing(now)


def _lanes(now: datetime) -> Iterator[Gauge]:
    numbers = list(
        OriginationIdentity.objects.values_list(
            "identity", "active", "lane__paused_at", "lane__held_at", "lane__limited_at"
        )
    )
    every = {(identity, priority.name.lower()): 0.0 for identity, *_ in numbers for priority in Priority}
    texts, ages, drains = dict(every), dict(every), dict.fromkeys(((identity,) for identity, *_ in numbers), 0.0)
    for waiting in selectors.waiting_texts():
        place = waiting.identity, waiting.priority.name.lower()
        texts[place] = waiting.texts
        ages[place] = seconds_since(waiting.oldest_at, now)
        if waiting.mps and (waiting.identity,) in drains:
            drains[waiting.identity,] += waiting.parts / waiting.mps
    lane = ("identity", "priority")
    yield Gauge("textback_texts_queued", f"Texts that wait in a lane, {_TO}.", texts, lane)
    yield Gauge("textback_text_oldest_queued_seconds", "For how long the first text has waited.", ages, lane)
    yield Gauge("textback_lane_drain_seconds", "How long a lane takes at its MPS, at least.", drains, ("identity",))
    why = (
        ("paused", "paused until staff resume it"),
        ("held", "held: no guard answers"),
        ("limited", "without campaigns"),
    )
    for position, (name, what) in enumerate(why, start=2):
        values = {(row[0],): float(row[position] is not None) for row in numbers}
        yield Gauge(f"textback_lane_{name}", f"1 where a lane is {what}.", values, ("identity",))
    off = {(identity,): float(not active) for identity, active, *_ in numbers}
    yield Gauge("textback_lane_off", "1 where a number is switched off.", off, ("identity",))


def _under_way(now: datetime) -> Iterator[Gauge]:
    unsettled = OutboundMessage.objects.order_by("attempted_at").values_list("attempted_at", flat=True)
    calling = seconds_since(unsettled.filter(status=Status.SENDING).first(), now)
    yield Gauge("textback_text_oldest_sending_seconds", "For how long a text has been under way.", {(): calling})
    unknown = counted_so_far(OutboundMessage.objects.filter(status=Status.UNKNOWN))
    yield Gauge("textback_texts_unknown", f"Texts of which nobody knows whether AWS has them, {_TO}.", {(): unknown})
    untold = counted_so_far(OutboundMessage.objects.filter(outcome_pending=True))
    yield Gauge("textback_outcomes_untold", f"Texts whose conversation has yet to hear of them, {_TO}.", {(): untold})
    events = DeliveryEvent.objects.filter(applied_at__isnull=True)
    yield Gauge("textback_events_waiting", f"Delivery events without their text, {_TO}.", {(): counted_so_far(events)})
    # The first by key is the oldest but for moments.
    oldest = events.order_by("id").values_list("stored_at", flat=True).first()
    age = seconds_since(oldest, now)
    yield Gauge("textback_event_oldest_waiting_seconds", "For how long the first of them has waited.", {(): age})


def _inbound(now: datetime) -> Iterator[Gauge]:
    unrouted = selectors.unrouted_texts()
    yield Gauge("textback_inbound_unrouted", f"Inbound texts that nobody has routed, {_TO}.", {(): unrouted.texts})
    yield Gauge("textback_inbound_failing", "Of these: that failed, and are tried again.", {(): unrouted.failing})
    age = seconds_since(unrouted.oldest_at, now)
    yield Gauge("textback_inbound_oldest_unrouted_seconds", "For how long the first of them has waited.", {(): age})
    # As many as COUNTED_TO, the first to have come first.
    waiting = selectors.waiting_for_staff().order_by("id")[:COUNTED_TO].aggregate(oldest=Min("stored_at"))
    yield Gauge(
        "textback_inbox_waiting",
        f"Unmatched texts for staff, {_TO}.",
        {(): counted_so_far(selectors.waiting_for_staff())},
    )
    age = seconds_since(waiting["oldest"], now)
    yield Gauge("textback_inbox_oldest_seconds", "For how long the first of them has waited.", {(): age})


def _today(now: datetime) -> Iterator[Gauge]:
    """What a worker has counted of today, a minute ago or so: docs/decisions/0020-figures-by-day.md ."""
    today = timezone.localdate(now, timezone.get_default_timezone())
    row = CountedDay.objects.filter(day=today).first()
    figures = row.figures.get("texts", {}) if row else {}
    texts = {
        (conversation, status): float(number)
        for conversation, statuses in figures.get("statuses", {}).items()
        for status, number in statuses.items()
    }
    labels = ("conversation", "status")
    yield Gauge("textback_texts_today", "Texts queued today, by what became of them.", texts, labels)
    inbound = float(figures.get("inbound", 0))
    yield Gauge("textback_inbound_today", "Inbound texts of today.", {(): inbound})
    spent = {(currency,): float(amount) for currency, amount in figures.get("spent", {}).items()}
    yield Gauge("textback_spent_today", "What today's texts have cost, as far as AWS has said.", spent, ("currency",))
    age = seconds_since(row.counted_at, now) if row else 0.0
    yield Gauge("textback_today_counted_seconds", "How old the figures of today are.", {(): age})
