"""The ledger of consent. With optout.many, the only writer of events and of the states that follow from them."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, Q

from messaging import clock
from messaging.models import OriginationIdentity
from messaging.outbound import guards
from messaging.privacy.names import kept_as
from optout import counted, events, standing
from optout.models import EVERY_NUMBER, Action, Consent, ConsentEvent, Source, State
from optout.reasons import reason
from optout.standing import Said, Standing

# With hashtext of the phone number: PostgreSQL's advisory locks are for everybody who uses the database.
_LOCK = 7_214_002
_AS_BEFORE = "As it stood before this person was erased."


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
        word: the word that was understood; ``text`` is what was written.
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
    text: str = ""
    actor: str = ""
    reason: str = ""
    key: str = field(default_factory=_some_key)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording came to: the event, and whether it changed something, so that the person stands as it says.

    Stands with the number it was said to, that is: a late STOPALL may change others and not this one.
    """

    event: ConsentEvent
    changed: bool


@transaction.atomic
def record(entry: Entry) -> Recorded:
    """Add an event, unless its key is known, and bring the states up to date. A known key changes nothing.

    Two events of one person may come in the same instant: the second waits for the first. Conversations are told of an
    opt-out that changes something.
    """
    one_at_a_time(entry.phone_number)
    known = ConsentEvent.objects.filter(key=entry.key).first()
    if known is not None:
        return Recorded(known, changed=False)
    _take_up_again(entry.phone_number)
    event = event_of(entry)
    event.save(force_insert=True)
    counted.EVENTS.add_on_commit(event.action, event.source)
    stand, changed = _bring_up_to_date(event)
    for identity in lost(stand, changed):
        guards.tell_opted_out(event.phone_number, identity, reason(Source(event.source), event.occurred_at))
    events.changed(event.phone_number, changed)
    here = stand.get(event.origination_identity) or stand[EVERY_NUMBER]
    return Recorded(event, bool(changed) and here.opted_out == (event.action == Action.OPT_OUT))


def derive(phone_numbers: Collection[str]) -> list[Consent]:
    """The states of these people that follow from the ledger, derived anew and not written."""
    said: dict[str, dict[str, list[Said]]] = {}
    for event in ConsentEvent.objects.filter(phone_number__in=phone_numbers).order_by():
        said.setdefault(event.phone_number, {}).setdefault(event.scope, []).append(_said(event))
    return [
        Consent(phone_number=phone_number, origination_identity=scope, **_fields(stands))
        for phone_number, scopes in said.items()
        for scope, of_scope in scopes.items()
        if (stands := standing.told([*of_scope, *(scopes.get(EVERY_NUMBER, []) if scope else [])]))
    ]


def standing_of(row: Consent) -> Standing:
    """A row as a value."""
    return Standing(row.state, row.since, row.source, row.latest_at)


@transaction.atomic
def put_right(phone_number: str, scope: str) -> None:
    """Write one state anew from the ledger; a state that no event justifies is removed."""
    one_at_a_time(phone_number)
    row = Consent.objects.filter(phone_number=phone_number, origination_identity=scope).first()
    derived = [state for state in derive([phone_number]) if state.origination_identity == scope]
    if derived:
        _write(row or derived[0], standing_of(derived[0]))
    elif row:
        row.delete()


def one_at_a_time(phone_number: str) -> None:
    """Wait until nobody else records or mends the consent of this person; until the transaction ends, others wait."""
    # A person without a state has no row to lock. SQLite has one writer anyway.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, phone_number])


def several_at_a_time(phone_numbers: Sequence[str]) -> None:
    """The same for several, in the order in which they are given."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_advisory_xact_lock(%s, hashtext(person))) FROM unnest(%s::text[]) AS given(person)",
                [_LOCK, list(phone_numbers)],
            )


def _take_up_again(phone_number: str) -> None:
    """Have somebody who was erased, and of whom something is recorded now, stand as before.

    Once: whoever has states of their own has been taken up, or was never erased.
    """
    kept = kept_as(phone_number)
    rows = list(Consent.objects.filter(phone_number__in=[phone_number, kept]))
    if not rows or any(row.phone_number == phone_number for row in rows):
        return
    now = clock.now()
    for row in rows:
        ConsentEvent.objects.create(
            key=f"kept:{uuid.uuid4().hex}",
            phone_number=phone_number,
            origination_identity=row.origination_identity,
            every_number=row.origination_identity == EVERY_NUMBER,
            action=Action.OPT_OUT if row.state == State.OPTED_OUT else Action.OPT_IN,
            source=row.source,
            reason=_AS_BEFORE,
            occurred_at=row.latest_at,
            recorded_at=now,
        )
    for state in derive([phone_number]):
        state.save()


def event_of(entry: Entry) -> ConsentEvent:
    """An entry as an event to be stored. One without a time is of now, for which its person must be locked."""
    now = clock.now()
    return ConsentEvent(
        key=entry.key,
        phone_number=entry.phone_number,
        origination_identity=entry.origination_identity,
        every_number=entry.every_number,
        action=entry.action,
        word=entry.word[:60],
        text=entry.text[:300],
        source=entry.source,
        actor=entry.actor[:150],
        reason=entry.reason[:300],
        occurred_at=entry.occurred_at or _present(entry.phone_number, now),
        recorded_at=now,
    )


def _present(phone_number: str, now: datetime) -> datetime:
    """Now; and after all that is known, should our clock be slow: whoever acts now knows of it and means otherwise."""
    latest: datetime | None = Consent.objects.filter(phone_number=phone_number).aggregate(at=Max("latest_at"))["at"]
    return now if latest is None or latest < now else latest + timedelta(microseconds=1)


def _bring_up_to_date(event: ConsentEvent) -> tuple[dict[str, Standing], set[str]]:
    """Write the states that follow from an event just added. Returns all of the person's, and which are others now."""
    rows = {row.origination_identity: row for row in Consent.objects.filter(phone_number=event.phone_number)}
    before = {scope: standing_of(row) for scope, row in rows.items()}
    after, changed = dict(before), set[str]()
    for scope in {EVERY_NUMBER, *rows} if event.every_number else {event.scope}:
        stands = _stands(event, scope, before.get(scope))
        row = rows.get(scope) or Consent(phone_number=event.phone_number, origination_identity=scope)
        _write(row, stands)
        after[scope] = stands
        was = before.get(scope) or before.get(EVERY_NUMBER)
        if was is None or was.state != stands.state:
            changed.add(scope)
    return after, changed


def lost(stand: Mapping[str, Standing], changed: Collection[str]) -> Iterable[str]:
    """The numbers of ours from which somebody gets no more texts since this change; EVERY_NUMBER alone for all."""
    out = {scope for scope in changed if stand[scope].opted_out}
    if EVERY_NUMBER not in out:
        return out
    if all(stands.opted_out for stands in stand.values()):
        return [EVERY_NUMBER]
    others = OriginationIdentity.objects.exclude(identity__in=stand).values_list("identity", flat=True)
    return (out - {EVERY_NUMBER}) | set(others)


def _stands(event: ConsentEvent, scope: str, before: Standing | None) -> Standing:
    said = _said(event)
    if before is not None and not standing.is_late(before, said):
        return standing.after(before, said)
    # Told anew by the ledger, which has the event itself already. A state that is not there may have been lost.
    concerns = Q(every_number=True)
    if scope != EVERY_NUMBER:
        concerns |= Q(origination_identity=scope)
    events = ConsentEvent.objects.filter(concerns, phone_number=event.phone_number).order_by()
    return standing.told(_said(one) for one in events) or standing.after(None, said)


def _said(event: ConsentEvent) -> Said:
    return Said(event.action, event.occurred_at, event.source)


def _fields(stands: Standing) -> dict[str, object]:
    return {
        "state": stands.state,
        "since": stands.since,
        "source": stands.source,
        "latest_at": stands.latest_at,
    }


def _write(row: Consent, stands: Standing) -> None:
    for name, value in _fields(stands).items():
        setattr(row, name, value)
    row.save()
