"""The thread of one person: their texts and ours, whatever they were about, the latest last."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.timezone import localdate

from messaging import registry
from messaging.contracts import Page, Place
from messaging.models import InboundMessage, OriginationIdentity, OutboundMessage, Status
from messaging.outbound import guards
from messaging.visibility import without

PER_PAGE = 100
_STATUSES = {
    # status → colour, icon, when it was reached
    Status.QUEUED: ("plain", "schedule", "queued_at"),
    Status.SENDING: ("plain", "schedule", "attempted_at"),
    Status.SENT: ("primary", "check", "sent_at"),
    Status.DELIVERED: ("success", "done_all", "delivered_at"),
    Status.FAILED: ("danger", "error", "ended_at"),
    Status.SUPPRESSED: ("warning", "block", "ended_at"),
    Status.UNKNOWN: ("warning", "help", "unknown_at"),
    Status.EXPIRED: ("warning", "timer_off", "ended_at"),
    Status.CANCELLED: ("plain", "cancel", "ended_at"),
}
_AUTOMATIC = {"": "Automatic answer", "consent": "Consent"}
# A moment in microseconds since 1970, then the side and the key of a text.
_CURSOR = re.compile(r"([0-9]{1,17})([io])([0-9]{1,18})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Pages = Mapping[tuple[str, str], Page]


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a text, in words; ``at`` and ``reason`` where there are such."""

    words: str
    tone: str
    icon: str
    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A place for an unmatched text, as a form names it."""

    value: str
    name: str
    effect: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """A text in the thread.

    Attributes:
        key: of the text.
        ours: whether we wrote it.
        new_day: whether it is the first of its day that is shown.
        who: who wrote it: a name of the staff, or what of ours.
        page: where what it belongs to can be read.
        number: of ours, that it left from or was sent to.
        waits: whether it waits for a person.
        choices: where it may be put.
    """

    key: int
    ours: bool
    at: datetime
    new_day: bool
    body: str
    who: str
    page: Page | None
    number: str
    told: Told
    waits: bool
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Thread:
    """A page of a thread.

    Attributes:
        earlier: where the page before begins; "" when this one has the first text.
        seen: key of the latest text of theirs that is stored; 0 without one.
        waiting: how many of the texts shown wait for a person.
    """

    bubbles: tuple[Bubble, ...]
    earlier: str
    seen: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Leave:
    """Whether somebody may be texted from a number of ours; ``refusal`` says why not, ``unclear`` that nobody knows."""

    number: str
    refusal: str = ""
    unclear: str = ""


def tell(phone_number: str, hidden: list[str], assignable: Collection[str], before: str = "") -> Thread:
    """A page of the thread, PER_PAGE texts or fewer: the latest, or those before a Thread.earlier.

    A fixed number of queries: four, and two for each conversation.

    Args:
        phone_number: of the person.
        hidden: conversations whose texts are not seen.
        assignable: conversations that an unmatched text may be put into.
        before: where to begin; anything that is none means the latest.
    """
    heard, written = _texts(phone_number, hidden, before)
    rows: list[InboundMessage | OutboundMessage] = sorted([*heard, *written], key=_order)
    shown = rows[-PER_PAGE:]
    of_staff = _staff(row for row in shown if isinstance(row, OutboundMessage))
    pages = _pages(shown)
    choices = _choices(phone_number, [row for row in shown if isinstance(row, InboundMessage)], assignable)
    bubbles, day = [], None
    for row in shown:
        bubble = (
            _of_theirs(row, pages, choices.get(row.pk, ()), day)
            if isinstance(row, InboundMessage)
            else _of_ours(row, pages, of_staff, day)
        )
        bubbles.append(bubble)
        day = localdate(bubble.at)
    return Thread(
        bubbles=tuple(bubbles),
        earlier=_cursor(shown[0]) if len(rows) > PER_PAGE else "",
        seen=max((row.pk for row in heard), default=0),
        waiting=sum(bubble.waits for bubble in bubbles),
    )


def leave(phone_number: str) -> list[Leave]:
    """How somebody stands with each number of ours that is in use, by the send guards."""
    ours = list(OriginationIdentity.objects.filter(active=True).order_by("-is_default", "identity"))
    pairs = [(phone_number, one.identity) for one in ours]
    try:
        refusals = guards.refusals(pairs) if pairs else {}
    except guards.CannotTell as problem:
        return [Leave(number, unclear=f"{problem}") for _, number in pairs]
    return [Leave(pair[1], refusals.get(pair, "")) for pair in pairs]


def _texts(phone_number: str, hidden: list[str], before: str) -> tuple[list[InboundMessage], list[OutboundMessage]]:
    """One more than a page has of each side, the latest first."""
    heard = without(InboundMessage.objects.filter(origination_phone_number=phone_number), hidden)
    written = without(OutboundMessage.objects.filter(destination_phone_number=phone_number), hidden)
    if read := _CURSOR.fullmatch(before):
        at = _EPOCH + timedelta(microseconds=int(read[1]))
        side, pk = read[2], int(read[3])
        # Of one instant theirs stand before ours.
        same_in = Q(received_at=at, pk__lt=pk) if side == "i" else Q(received_at=at)
        heard = heard.filter(Q(received_at__lt=at) | same_in, received_at__lte=at)
        same_out = Q(queued_at=at, pk__lt=pk if side == "o" else 0)
        written = written.filter(Q(queued_at__lt=at) | same_out, queued_at__lte=at)
    most = PER_PAGE + 1
    return list(heard.order_by("-received_at", "-pk")[:most]), list(written.order_by("-queued_at", "-pk")[:most])


def _order(row: InboundMessage | OutboundMessage) -> tuple[datetime, str, int]:
    return (row.received_at, "i", row.pk) if isinstance(row, InboundMessage) else (row.queued_at, "o", row.pk)


def _cursor(row: InboundMessage | OutboundMessage) -> str:
    at, side, pk = _order(row)
    return f"{(at - _EPOCH) // timedelta(microseconds=1)}{side}{pk}"


def _pages(rows: Sequence[InboundMessage | OutboundMessage]) -> Pages:
    """Where what the texts belong to can be read."""
    subjects: dict[str, set[str]] = {}
    for row in rows:
        if row.subject:
            subjects.setdefault(row.conversation, set()).add(row.subject)
    conversations = registry.conversations()
    return {
        (key, subject): page
        for key, named in subjects.items()
        if key in conversations
        for subject, page in conversations[key].pages(named).items()
    }


def _staff(rows: Iterable[OutboundMessage]) -> dict[str, str]:
    """The names of those who wrote by hand; of a user who is gone, the user name."""
    names = {row.actor for row in rows if row.actor}
    found = {user.get_username(): user.get_full_name() for user in get_user_model().objects.filter(username__in=names)}
    return {name: found.get(name) or name for name in names}


def _choices(
    phone_number: str, texts: Sequence[InboundMessage], assignable: Collection[str]
) -> dict[int, tuple[Choice, ...]]:
    waiting = [text for text in texts if _waits(text)]
    found: dict[int, tuple[Choice, ...]] = {}
    for key, conversation in registry.conversations().items() if waiting else ():
        if key in assignable:
            for pk, places in conversation.places(phone_number, waiting).items():
                found[pk] = (*found.get(pk, ()), *(_choice(key, place) for place in places))
    return found


def _choice(key: str, place: Place) -> Choice:
    return Choice(f"{key}:{place.subject}", place.name, place.effect)


def _waits(text: InboundMessage) -> bool:
    return text.outcome == InboundMessage.Outcome.UNMATCHED and text.handled_at is None


def _of_theirs(text: InboundMessage, pages: Pages, choices: tuple[Choice, ...], day: date | None) -> Bubble:
    return Bubble(
        key=text.pk,
        ours=False,
        at=text.received_at,
        new_day=localdate(text.received_at) != day,
        body=text.body,
        who="",
        page=pages.get((text.conversation, text.subject)),
        number=text.destination_phone_number,
        told=_became(text),
        waits=_waits(text),
        choices=choices,
    )


def _became(text: InboundMessage) -> Told:
    """What became of a text of theirs."""
    by = f"by {text.handled_by}" if text.handled_by else ""
    match text.outcome:
        case "":
            return Told("Being placed", "plain", "schedule", reason=text.error)
        case InboundMessage.Outcome.UNMATCHED if text.handled_at is None:
            return Told("Waits for a person", "warning", "mark_chat_unread")
        case InboundMessage.Outcome.UNMATCHED:
            return Told(f"Dealt with {by}".strip(), "success", "done", text.handled_at)
        case InboundMessage.Outcome.NOT_UNDERSTOOD:
            return Told(f"Not understood, asked back {by}".strip(), "warning", "help", text.handled_at)
    put = f", put there {by}" if by else ""
    return Told(f"{text.get_outcome_display()}{put}", "success", "done", text.handled_at)


def _of_ours(message: OutboundMessage, pages: Pages, of_staff: Mapping[str, str], day: date | None) -> Bubble:
    tone, icon, reached = _STATUSES[Status(message.status)]
    page = pages.get((message.conversation, message.subject))
    if message.actor and not message.conversation:
        who = of_staff[message.actor]
    else:
        who = _AUTOMATIC.get(message.conversation, message.conversation.capitalize())
    return Bubble(
        key=message.pk,
        ours=True,
        at=message.queued_at,
        new_day=localdate(message.queued_at) != day,
        body=message.body,
        who=who if page is None else "",
        page=page,
        number=message.origination_identity,
        told=Told(str(message.get_status_display()), tone, icon, getattr(message, reached), message.error_reason),
        waits=False,
        choices=(),
    )
