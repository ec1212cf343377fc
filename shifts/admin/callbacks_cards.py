"""A call back as a card: whom to call, for how long they wait, who is at it, and what may be done about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.timezone import localtime

from messaging.models import Contact
from shifts.calls import people
from shifts.models import CallAttempt, CallBack

Status = CallBack.Status


@dataclass(frozen=True, slots=True)
class Card:
    """What the queue shows of one.

    Attributes:
        state: mine, free, taken (by somebody else), later, or over.
        waits: how long, in words.
        told: who is at it, or when it may be tried again; blank when anybody may call.
        tried: how often, and what was said of the last time; blank the first time.
        may_act: whether there are buttons.
    """

    pk: int
    phone_number: str
    name: str
    state: str
    waits: str
    asked_at: datetime
    told: str
    tried: str
    reason: str
    may_act: bool

    @property
    def tone(self) -> str:
        """Its colour."""
        return {"mine": "primary", "free": "warning"}.get(self.state, "plain")


def card(row: CallBack, actor: str, now: datetime) -> Card:
    """The card of a row.

    Args:
        row: with ``person`` and its tries.
        actor: who looks; blank: they may not act.
        now: the present.
    """
    state = _state(row, actor, now)
    return Card(
        pk=row.pk,
        phone_number=row.phone_number,
        name=getattr(row, "person", None) or "",
        state=state,
        waits=timesince(row.requested_at, now),
        asked_at=row.requested_at,
        told=people.why_not_taken(row) if state in ("taken", "later") else "",
        tried=_tried(list(row.tries.all())),
        reason=row.reason,
        may_act=bool(actor) and state != "over",
    )


def history(row: CallBack, now: datetime) -> list[tuple[tuple[str, str], ...]]:
    """Who has tried, under the headers of a table; the latest first."""
    return [
        (
            ("Who", one.actor),
            ("When", date_format(localtime(one.begun_at), "DATETIME_FORMAT")),
            ("What came of it", _outcome(one)),
            ("Note", one.note),
        )
        for one in sorted(row.tries.all(), key=lambda one: one.pk, reverse=True)
    ]


def name_of(row: CallBack) -> str:
    """Their name, else their number."""
    found = Contact.objects.filter(phone_number=row.phone_number).values_list("name", flat=True).first()
    return found or row.phone_number


def order(actor: str, now: datetime) -> tuple[Any, ...]:
    """One's own first, then whom anybody may call, then who is being called, then whom to try later."""
    free = Q(free_at__isnull=True) | Q(free_at__lte=now)
    place = Case(
        When(status=Status.TAKEN, taken_by=actor, then=Value(0)),
        When(free, then=Value(1)),
        When(status=Status.TAKEN, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    # Of those to be tried later the soonest first.
    since = Case(When(free, then=F("requested_at")), default=Coalesce("free_at", "requested_at"))
    return (place, since, "id")


def _state(row: CallBack, actor: str, now: datetime) -> str:
    if actor and people.has(row, actor):
        return "mine"
    if people.is_free(row, now):
        return "free"
    return {Status.TAKEN.value: "taken", Status.WAITING.value: "later"}.get(row.status, "over")


def _tried(tries: list[CallAttempt]) -> str:
    """How often they were tried, and how the last time ended."""
    ended = [one for one in tries if one.outcome == CallAttempt.Outcome.NOT_REACHED]
    if not ended:
        return ""
    last = ended[-1]
    often = "once" if len(ended) == 1 else f"{len(ended)} times"
    at = date_format(localtime(last.begun_at), "D j M, H:i")
    return " ".join(_parts(f"Not reached {often}, last {at} by {last.actor}.", last.note))


def _parts(*parts: str) -> Iterator[str]:
    return (one for one in parts if one)


def _outcome(one: CallAttempt) -> str:
    if one.outcome:
        return str(one.get_outcome_display())
    return "Calling"
