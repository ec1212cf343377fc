"""The ledger of consent. The only writer of events and of the states that follow from them."""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max

from messaging import clock
from optout import standing
from optout.models import EVERY_NUMBER, Consent, ConsentEvent
from optout.standing import Said, Standing


def _some_key() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be recorded.

    Attributes:
        phone_number: who, in E.164 (or a short code that texted us).
        origination_identity: the number of ours it was said to; blank only with ``every_number``.
        action: optout.models.Action.
        source: optout.models.Source.
        occurred_at: when it was said; None for now, which is later than all that is recorded.
        every_number: it concerns all numbers of ours, later ones included.
        word: the word that was texted.
        actor: who of our side recorded it: a username.
        reason: why, in the words of the actor.
        key: names the occasion; the same key is recorded once.
    """

    phone_number: str
    origination_identity: str
    action: str
    source: str
    occurred_at: datetime | None = None
    every_number: bool = False
    word: str = ""
    actor: str = ""
    reason: str = ""
    key: str = field(default_factory=_some_key)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording came to: the event, and whether it changed how the person stands.

    With that number, that is; or, for what concerns every number, with numbers of which they never said anything.
    """

    event: ConsentEvent
    changed: bool


@transaction.atomic
def record(entry: Entry) -> Recorded:
    """Add an event, unless its key is known, and bring the state up to date. A known key changes nothing.

    Two events of one person may come in the same instant: the second waits for the first.
    """
    event, is_new = _add(entry)
    if not is_new:
        return Recorded(event, changed=False)
    try:
        with transaction.atomic():
            changed = _bring_up_to_date(event)
    except IntegrityError:
        # The first event of this scope, and another of it was quicker in the same instant: after that one, then.
        changed = _bring_up_to_date(event)
    return Recorded(event, changed)


def derive(phone_numbers: Collection[str]) -> list[Consent]:
    """The states of these people that follow from the ledger, derived anew and not written."""
    said: dict[tuple[str, str], list[Said]] = {}
    for event in ConsentEvent.objects.filter(phone_number__in=phone_numbers).order_by("id"):
        said.setdefault((event.phone_number, event.scope), []).append(_said(event))
    return [
        Consent(phone_number=phone_number, origination_identity=scope, **_fields(stands))
        for (phone_number, scope), events in said.items()
        if (stands := standing.told(events))
    ]


def standing_of(row: Consent) -> Standing:
    """A row as a value."""
    return Standing(row.state, row.since, row.source, row.latest_at)


def put_right(phone_number: str, scope: str) -> None:
    """Write one state anew from the ledger; a state that no event justifies is removed."""
    with transaction.atomic():
        row = Consent.objects.select_for_update().filter(phone_number=phone_number, origination_identity=scope)
        stands = standing.told(_said(event) for event in _events(phone_number, scope))
        if stands is None:
            row.delete()
        else:
            Consent.objects.update_or_create(
                phone_number=phone_number, origination_identity=scope, defaults=_fields(stands)
            )


def _add(entry: Entry) -> tuple[ConsentEvent, bool]:
    """The event of an entry, and whether it is new."""
    known = ConsentEvent.objects.filter(key=entry.key)
    if (event := known.first()) is not None:
        return event, False
    event = _event(entry)
    try:
        with transaction.atomic():
            event.save(force_insert=True)
    except IntegrityError:
        if (other := known.first()) is None:
            raise
        return other, False
    return event, True


def _bring_up_to_date(event: ConsentEvent) -> bool:
    """Write the state that follows from an event just added. Returns whether somebody stands otherwise now."""
    rows = _locked(event)
    before = {scope: standing_of(row) for scope, row in rows.items()}
    stands = _stands(event, before.get(event.scope))
    _write(rows.get(event.scope), event, stands)
    return _changed(before, before | {event.scope: stands}, event)


def _event(entry: Entry) -> ConsentEvent:
    now = clock.now()
    return ConsentEvent(
        key=entry.key,
        phone_number=entry.phone_number,
        origination_identity=entry.origination_identity,
        every_number=entry.every_number,
        action=entry.action,
        word=entry.word[:60],
        source=entry.source,
        actor=entry.actor[:150],
        reason=entry.reason[:300],
        occurred_at=entry.occurred_at or _present(entry, now),
        recorded_at=now,
    )


def _present(entry: Entry, now: datetime) -> datetime:
    """Now; and after all that is known, should our clock be slow: whoever acts now knows of it and means otherwise."""
    known = Consent.objects.filter(phone_number=entry.phone_number)
    if not entry.every_number:
        known = known.filter(origination_identity__in=[entry.origination_identity, EVERY_NUMBER])
    latest: datetime | None = known.aggregate(at=Max("latest_at"))["at"]
    return now if latest is None or latest < now else latest + timedelta(microseconds=1)


def _locked(event: ConsentEvent) -> dict[str, Consent]:
    """The states that decide for the event's number, locked in a fixed order."""
    scopes = {EVERY_NUMBER, event.origination_identity}
    rows = Consent.objects.select_for_update().filter(phone_number=event.phone_number, origination_identity__in=scopes)
    return {row.origination_identity: row for row in rows.order_by("pk")}


def _stands(event: ConsentEvent, before: Standing | None) -> Standing:
    said = _said(event)
    if not standing.is_late(before, said):
        return standing.after(before, said)
    # The event itself is written and among them.
    return standing.told(_said(one) for one in _events(event.phone_number, event.scope)) or standing.after(None, said)


def _events(phone_number: str, scope: str) -> Iterator[ConsentEvent]:
    events = ConsentEvent.objects.filter(phone_number=phone_number)
    if scope == EVERY_NUMBER:
        events = events.filter(every_number=True)
    else:
        events = events.filter(every_number=False, origination_identity=scope)
    return events.order_by("occurred_at", "id").iterator()


def _said(event: ConsentEvent) -> Said:
    return Said(event.action, event.occurred_at, event.source)


def _fields(stands: Standing) -> dict[str, object]:
    return {
        "state": stands.state,
        "since": stands.since,
        "source": stands.source,
        "latest_at": stands.latest_at,
    }


def _write(row: Consent | None, event: ConsentEvent, stands: Standing) -> None:
    row = row or Consent(phone_number=event.phone_number, origination_identity=event.scope)
    for name, value in _fields(stands).items():
        setattr(row, name, value)
    row.save()


def _changed(before: dict[str, Standing], after: dict[str, Standing], event: ConsentEvent) -> bool:
    def state(stand: dict[str, Standing], scope: str) -> str:
        found = standing.effective(stand.get(scope), stand.get(EVERY_NUMBER))
        return found.state if found else ""

    return any(state(before, scope) != state(after, scope) for scope in {event.origination_identity, event.scope})
