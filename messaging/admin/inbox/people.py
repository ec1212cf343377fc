"""The inbox: with whom we talk, who waits for an answer first, then who wrote last.

A page reads a few windows of an index, however many texts there are: rows are walked from the newest, and each person
stands where their last text stands. Nobody is listed twice, and none of the millions is counted. Why so:
docs/decisions/0019-inbox.md .
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When

from messaging import registry, selectors
from messaging.lookups import OneOf
from messaging.models import Contact, InboundMessage, OutboundMessage, Status
from messaging.visibility import without

PER_PAGE = 50
# Rows that are looked at for a page, at most; whoever has sent more than all of them is not looked behind.
_WINDOW, _WINDOWS = 500, 4
# Texts of the people of a page that wait are counted no further.
COUNTED_TO = 1_000
WAITING, ALL, KEYWORD, CONSENT = "waiting", "all", "keyword", "consent"
_SENDER = "origination_phone_number"
# Texts of ours that nobody got, or perhaps nobody.
_NOT_SENT = (Status.FAILED, Status.SUPPRESSED, Status.UNKNOWN, Status.EXPIRED, Status.CANCELLED)


@dataclass(frozen=True, slots=True)
class Last:
    """A text between somebody and us; ``trouble`` is why they may not have it, when it is ours: a status in words."""

    at: datetime
    body: str
    ours: bool
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody we talk with.

    Attributes:
        key: of their thread: messaging.admin.inbox.whom.
        waiting: how many texts of theirs wait for a person, as far as they were counted.
        kinds: what the texts between them and us were about, in words.
    """

    key: str
    name: str
    phone_number: str
    waiting: str
    kinds: tuple[str, ...]
    last: Last | None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of people; ``older`` is where the next one begins, "" where there is none."""

    people: tuple[Person, ...]
    older: str = ""


def kinds(hidden: Sequence[str]) -> dict[str, str]:
    """What may be chosen, in words."""
    talks = {key: key.capitalize() for key in registry.conversations() if key not in hidden}
    return {WAITING: "Waiting", ALL: "All", **talks, CONSENT: "Consent", KEYWORD: "Keyword"}


def found(kind: str, hidden: list[str], after: str = "") -> Found:
    """A page of the people of a kind. At most fifteen queries.

    Args:
        kind: one of kinds(hidden).
        hidden: conversations whose texts are not seen: messaging.visibility.hidden_from.
        after: where the page begins, as Found.older has it; anything else is the first page.
    """
    part, at = _place(after)
    if kind == WAITING:
        taken, older = _walk(*_waiting_first(), at, PER_PAGE)
        return _page(taken, hidden, f"w{older}" if older else "")
    if kind != ALL:
        rows = InboundMessage.objects.filter(outcome=kind)
        taken, older = _walk(rows, _is_last(rows, hidden), at, PER_PAGE)
        return _page(taken, hidden, f"r{older}" if older else "")
    taken = []
    if part == "w":
        taken, older = _walk(*_waiting_first(), at, PER_PAGE)
        if older:
            return _page(taken, hidden, f"w{older}")
        at = None
    rows = InboundMessage.objects.all()
    others = _is_last(rows, hidden) & ~Q(Exists(_waiting_of_the_same()))
    rest, older = _walk(rows, others, at, PER_PAGE - len(taken))
    return _page([*taken, *rest], hidden, f"r{older}" if older else "")


def named(words: str, hidden: list[str], *, names: bool) -> Found:
    """The people whose name contains the words, or whose number they are in any form; PER_PAGE at most.

    Args:
        words: as typed.
        hidden: see found.
        names: whether names may be searched.
    """
    if meant := selectors.phone_numbers_meant(words):
        return Found(tuple(_of_numbers(meant, hidden)))
    if not names or not words.strip() or "\x00" in words:
        return Found(())
    rows = Contact.objects.filter(name__icontains=words.strip()).order_by("name", "pk")
    return Found(tuple(_described(list(rows.values_list("pk", flat=True)[:PER_PAGE]), Contact, "phone_number", hidden)))


def _place(after: str) -> tuple[str, int | None]:
    part, number = after[:1], after[1:]
    if part not in ("w", "r") or not number.isdecimal() or len(number) > 18:
        return "w", None
    return part, int(number)


def _waiting_first() -> tuple[QuerySet[InboundMessage], Q]:
    later = _waiting_of_the_same().filter(pk__gt=OuterRef("pk"))
    return selectors.waiting_for_staff(), ~Q(Exists(later))


def _waiting_of_the_same() -> QuerySet[InboundMessage]:
    return selectors.waiting_for_staff().filter(origination_phone_number=OuterRef(_SENDER))


def _is_last(rows: QuerySet[InboundMessage], hidden: list[str]) -> Q:
    """That a row is seen, and the last of its sender among those that are."""
    later = without(rows, hidden).filter(
        # The second says what the first leaves open; the first is what the index is asked.
        Q(received_at__gt=OuterRef("received_at")) | Q(pk__gt=OuterRef("pk")),
        origination_phone_number=OuterRef(_SENDER),
        received_at__gte=OuterRef("received_at"),
    )
    last = ~Q(Exists(later))
    return ~Q(conversation__in=hidden) & last if hidden else last


def _walk(rows: QuerySet[InboundMessage], counts: Q, before: int | None, most: int) -> tuple[list[int], int | None]:
    """The newest rows that count, and the key before which to go on; None when nothing is left."""
    taken: list[int] = []
    marked = rows.annotate(counts=Case(When(counts, then=Value(1)), default=Value(0))).order_by("-pk")
    for _ in range(_WINDOWS):
        window = list((marked.filter(pk__lt=before) if before else marked).values_list("pk", "counts")[:_WINDOW])
        for pk, it_counts in window:
            if it_counts:
                if len(taken) == most:
                    # There is one more, with whom the next page begins.
                    return taken, pk + 1
                taken.append(pk)
            before = pk
        if len(window) < _WINDOW:
            return taken, None
    return taken, before


def _page(taken: Sequence[int], hidden: list[str], older: str) -> Found:
    return Found(tuple(_described(taken, InboundMessage, _SENDER, hidden)), older)


def _of_numbers(numbers: Sequence[str], hidden: list[str]) -> Iterable[Person]:
    """The people behind a few numbers, as far as there are any."""
    for number in numbers:
        sources: list[tuple[Any, str, QuerySet[Any]]] = [
            (Contact, "phone_number", Contact.objects.all()),
            (InboundMessage, _SENDER, without(InboundMessage.objects.all(), hidden)),
            (OutboundMessage, "destination_phone_number", without(OutboundMessage.objects.all(), hidden)),
        ]
        for model, column, rows in sources:
            taken = list(rows.filter(**{column: number}).order_by().values_list("pk", flat=True)[:1])
            if taken:
                yield from _described(taken, model, column, hidden)
                break


def _described(taken: Sequence[int], model: Any, column: str, hidden: list[str]) -> list[Person]:
    """The people of these rows, in their order."""
    person = OuterRef(column)
    heard = without(InboundMessage.objects.filter(origination_phone_number=person), hidden)
    written = without(OutboundMessage.objects.filter(destination_phone_number=person), hidden)
    waits = without(selectors.waiting_for_staff().filter(origination_phone_number=person), hidden)
    contact = Contact.objects.filter(phone_number=person)
    rows = {
        row[0]: row[1:]
        for row in model.objects.filter(pk__in=taken)
        .order_by()
        .annotate(
            contact_key=Subquery(contact.values("pk")[:1]),
            contact_name=Subquery(contact.values("name")[:1]),
            waiting_last=Subquery(waits.order_by("-pk").values("pk")[:1]),
            heard_last=Subquery(heard.order_by("-received_at", "-pk").values("pk")[:1]),
            written_last=Subquery(written.order_by("-queued_at", "-pk").values("pk")[:1]),
        )
        .values_list("pk", column, "contact_key", "contact_name", "waiting_last", "heard_last", "written_last")
    }
    texts = InboundMessage.objects.in_bulk([pk for row in rows.values() for pk in row[3:5] if pk])
    ours = OutboundMessage.objects.in_bulk([row[5] for row in rows.values() if row[5]])
    numbers = {row[0] for row in rows.values()}
    waiting, about = _waiting(numbers), _about(numbers, hidden)
    people = []
    for pk in taken:
        if pk not in rows:
            continue
        number, contact_key, name, waiting_last, heard_last, written_last = rows[pk]
        prefix = {Contact: "c", InboundMessage: "", OutboundMessage: "s"}[model]
        people.append(
            Person(
                key=f"c{contact_key}" if contact_key else f"{prefix}{pk}",
                name=name or "",
                phone_number=number,
                waiting=waiting.get(number, ""),
                kinds=about.get(number, ()),
                last=_last(texts.get(waiting_last), texts.get(heard_last), ours.get(written_last)),
            )
        )
    return people


def _last(waiting: InboundMessage | None, heard: InboundMessage | None, written: OutboundMessage | None) -> Last | None:
    """What a line shows: the text that waits for a person, whatever was sent since; else the last one either way."""
    if waiting:
        return Last(waiting.received_at, waiting.body, ours=False)
    if written and (heard is None or written.queued_at >= heard.received_at):
        trouble = str(written.get_status_display()) if written.status in _NOT_SENT else ""
        return Last(written.queued_at, written.body, ours=True, trouble=trouble)
    return Last(heard.received_at, heard.body, ours=False) if heard else None


def _waiting(numbers: Iterable[str]) -> dict[str, str]:
    rows = selectors.waiting_for_staff().filter(OneOf(_SENDER, list(numbers))).order_by()
    texts = list(rows.values_list(_SENDER, flat=True)[: COUNTED_TO + 1])
    more = "+" if len(texts) > COUNTED_TO else ""
    return {number: f"{count}{more}" for number, count in Counter(texts).items()}


def _about(numbers: Iterable[str], hidden: list[str]) -> dict[str, tuple[str, ...]]:
    """What the texts between these people and us were about, in the order of kinds()."""
    of_them = list(numbers)
    heard = without(InboundMessage.objects.filter(OneOf(_SENDER, of_them)), hidden).order_by()
    written = without(OutboundMessage.objects.filter(OneOf("destination_phone_number", of_them)), hidden).order_by()
    pairs = {
        (number, KEYWORD if outcome == InboundMessage.Outcome.KEYWORD else key)
        for number, key, outcome in heard.values_list(_SENDER, "conversation", "outcome").distinct()
    }
    pairs |= set(written.values_list("destination_phone_number", "conversation").distinct())
    return {
        number: tuple(words for key, words in kinds(hidden).items() if (number, key) in pairs) for number in of_them
    }
