"""Many events at once into the ledger: its own rules by a dozen statements for hundreds of people, instead of for each.

For what is brought in from elsewhere. Part of the ledger, and with it the only writer of events and states.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from django.db import transaction

from messaging import clock
from messaging.lookups import OneOf
from messaging.outbound import guards
from messaging.privacy.names import kept_as, kept_as_of_all
from optout import counted, events, ledger, standing
from optout.ledger import Entry
from optout.models import EVERY_NUMBER, Consent, ConsentEvent, Source
from optout.reasons import reason
from optout.standing import Said, Standing

# People in one transaction. PostgreSQL keeps a lock for each in a table that is shared by all.
AT_ONCE = 500

_A_MOMENT = timedelta(microseconds=1)

_ByPerson = Mapping[str, Sequence[Entry]]
_Scopes = dict[str, Standing]
_STATE = ("state", "since", "source", "latest_at")


def known(entries: Sequence[Entry]) -> set[str]:
    """The keys of those entries that are recorded already, also under the name that a person has since an erasure."""
    kept = {entry.key.replace(entry.phone_number, kept_as(entry.phone_number)): entry.key for entry in entries}
    rows = ConsentEvent.objects.filter(OneOf("key", {*kept, *kept.values()})).values_list("key", flat=True)
    return {kept.get(key, key) for key in rows}


def record_all(entries: Iterable[Entry]) -> int:
    """Add events, each unless its key is known, and bring the states up to date, as ``ledger.record`` does one by one.

    Of several of one person, conversations and other systems hear what they come to. Hundreds of people stand in one
    transaction, in the order of their numbers: nobody waits for somebody who waits for them. If one fails, those before
    it stay recorded. Must be called outside any transaction.

    Returns:
        How many were new.
    """
    by_person: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_person[entry.phone_number].append(entry)
    people, new = sorted(by_person), 0
    for begin in range(0, len(people), AT_ONCE):
        new += _record({person: by_person[person] for person in people[begin : begin + AT_ONCE]})
    return new


@transaction.atomic
def _record(by_person: _ByPerson) -> int:
    ledger.several_at_a_time(list(by_person))
    there = known([entry for entries in by_person.values() for entry in entries])
    new = {
        person: list({entry.key: entry for entry in entries if entry.key not in there}.values())
        for person, entries in by_person.items()
    }
    new = {person: entries for person, entries in new.items() if entries}
    before, come_back = _states(new)
    for person in come_back:
        # Rare, and a story of its own.
        for entry in new.pop(person):
            ledger.record(entry)
    written = [_event(entry, before.get(person, {})) for person, entries in new.items() for entry in entries]
    ConsentEvent.objects.bulk_create(written)
    for (action, source), times in Counter((event.action, event.source) for event in written).items():
        counted.EVENTS.add_on_commit(action, source, times=times)
    _bring_up_to_date(new, before)
    return len(written) + sum(len(by_person[person]) for person in come_back)


def _states(people: Collection[str]) -> tuple[dict[str, _Scopes], list[str]]:
    """How people stand; and who was erased, and is known again by this only."""
    kept = kept_as_of_all(people)
    found: dict[str, _Scopes] = {}
    for row in Consent.objects.filter(OneOf("phone_number", [*people, *kept])).order_by():
        found.setdefault(row.phone_number, {})[row.origination_identity] = ledger.standing_of(row)
    return found, [person for name, person in kept.items() if name in found and person not in found]


def _event(entry: Entry, stands: _Scopes) -> ConsentEvent:
    """With the present for an entry without a time: after all that is known, should our clock be slow."""
    if entry.occurred_at is None:
        latest = max((one.latest_at for one in stands.values()), default=None)
        now = clock.now()
        entry = replace(entry, occurred_at=now if latest is None or latest < now else latest + _A_MOMENT)
    return ledger.event_of(entry)


def _bring_up_to_date(new: _ByPerson, before: Mapping[str, _Scopes]) -> None:
    """Write the states that follow from events just added, and tell of those that are others now."""
    said = _said(new)
    rows, told, news = list[Consent](), list[guards.Lost](), dict[str, set[str]]()
    for person, entries in new.items():
        was = before.get(person, {})
        after = was | {scope: _stands(said[person], scope) for scope in _concerned(entries, was)}
        rows += [
            Consent(phone_number=person, origination_identity=scope, **{name: getattr(stands, name) for name in _STATE})
            for scope, stands in after.items()
            if was.get(scope) != stands
        ]
        news[person] = changed = {scope for scope, stands in after.items() if _is_news(was, scope, stands)}
        told += [(person, identity, _why(after, identity)) for identity in ledger.lost(after, changed)]
    Consent.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["phone_number", "origination_identity"],
        update_fields=list(_STATE),
    )
    guards.tell_all_opted_out(told)
    for person, changed in news.items():
        events.changed(person, changed)


def _said(people: Collection[str]) -> Mapping[str, Sequence[tuple[str, Said]]]:
    """All that these people have said, what was just added included: scope and word."""
    found: dict[str, list[tuple[str, Said]]] = defaultdict(list)
    rows = ConsentEvent.objects.filter(OneOf("phone_number", list(people))).order_by()
    for person, identity, every, action, at, source in rows.values_list(
        "phone_number", "origination_identity", "every_number", "action", "occurred_at", "source"
    ):
        found[person].append((EVERY_NUMBER if every else identity, Said(action, at, source)))
    return found


def _concerned(entries: Sequence[Entry], was: _Scopes) -> Iterator[str]:
    """The scopes that these entries may change."""
    scopes = {EVERY_NUMBER if entry.every_number else entry.origination_identity for entry in entries}
    yield from sorted(scopes | set(was) if EVERY_NUMBER in scopes else scopes)


def _stands(said: Sequence[tuple[str, Said]], scope: str) -> Standing:
    stands = standing.told(one for about, one in said if about in (scope, EVERY_NUMBER))
    assert stands is not None, "An event of this scope was just added."
    return stands


def _is_news(was: _Scopes, scope: str, stands: Standing) -> bool:
    before = was.get(scope) or was.get(EVERY_NUMBER)
    return before is None or before.state != stands.state


def _why(after: _Scopes, identity: str) -> str:
    stands = after.get(identity) or after[EVERY_NUMBER]
    return reason(Source(stands.source), stands.since)
