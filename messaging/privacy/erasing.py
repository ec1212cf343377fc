"""Erasing one person, from the question to the record: the only writer of requests and of records of erasures.

plan      what is held, and what stands in the way; changes nothing
request   the row that has the number until all is done
go_on     some rows in a transaction, again and again, by a worker or by the command; whoever dies, another goes on
record    append-only, without the number
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from messaging import clock, registry, wakeups
from messaging.models import Contact, ErasureRequest, PrivacyRecord
from messaging.privacy import mentions, names
from messaging.privacy.names import Person

LIST = "erasures"
# Whoever asked for it by the admin has their entry in the log of changes by then: it is to be found as well.
_BEGINS_AFTER = timedelta(seconds=5)
_TRY_AGAIN_AFTER = timedelta(minutes=1)
_BREATH = 0.02


class NotNow(Exception):
    """They cannot be erased now; ``reasons`` says why, and what to do."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure would do.

    Attributes:
        counts: label of a table → rows; tables without any are left out.
        obstacles: sentences.
        under_way: they are being erased.
        erased_before: when they were erased the last time, if ever.
    """

    counts: Mapping[str, int]
    obstacles: Sequence[str] = ()
    under_way: bool = False
    erased_before: Sequence[PrivacyRecord] = field(default=())


def person(phone_number: str, stand_in: str = "") -> Person:
    """Somebody, with the names that the apps know them by."""
    known = {name for one in registry.personal_data() for name in one.names(phone_number) if len(name) > 1}
    return Person(phone_number, stand_in, tuple(sorted(known)))


def plan(phone_number: str) -> Plan:
    """What is held of somebody. Mentions in the words of others are not counted: only a sweep finds them."""
    who = person(phone_number)
    return Plan(
        counts=_held(who),
        obstacles=[sentence for one in registry.personal_data() for sentence in one.obstacles(who)],
        under_way=ErasureRequest.objects.filter(phone_number=phone_number).exists(),
        erased_before=list(erased_before(phone_number)),
    )


def export(phone_number: str) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """All that is held of somebody: label of a table, and its rows as JSON has them."""
    who = person(phone_number)
    for one in registry.personal_data():
        for table in one.tables():
            yield table.label, table.export(who)


def erased_before(phone_number: str) -> Any:
    """The records of a number, the latest first. Index messaging_erased."""
    return PrivacyRecord.objects.filter(fingerprint=names.fingerprint(phone_number)).order_by("-at")


def request(phone_number: str, *, reason: str, actor: str, end_open: bool = False) -> ErasureRequest | None:
    """Ask for somebody to be erased; None when nothing is held of them. Asked twice it is the same request.

    Args:
        phone_number: E.164, or whatever else has texted us.
        reason: why, for the record. The number in it is left out.
        actor: who asked for it.
        end_open: end what stands in the way: withdraw texts, give back shifts, decline incidents for them.

    Raises:
        ValueError: no reason, no actor, or a stand-in of somebody who is erased.
        NotNow: something stands in the way, and ``end_open`` cannot end it or was not asked for.
    """
    if not reason.strip() or not actor.strip() or not phone_number or names.is_stand_in(phone_number):
        raise ValueError("An erasure needs a phone number, a reason, and who asked for it.")
    if before := ErasureRequest.objects.filter(phone_number=phone_number).first():
        return before
    who = person(phone_number, names.new_stand_in())
    if not _held(who):
        return None
    if end_open:
        for one in registry.personal_data():
            one.end(who, actor=actor)
    if reasons := [sentence for one in registry.personal_data() for sentence in one.obstacles(who)]:
        raise NotNow(reasons)
    now = clock.now()
    try:
        with transaction.atomic():
            row = ErasureRequest.objects.create(
                phone_number=phone_number,
                stand_in=who.stand_in,
                reason=who.without(reason.strip())[:300],
                actor=actor[:150],
                requested_at=now,
                next_try_at=now + _BEGINS_AFTER,
            )
    except IntegrityError:
        return ErasureRequest.objects.get(phone_number=phone_number)
    wakeups.wake_at(LIST, row.next_try_at)
    return row


def go_on(pk: int, for_as_long_as: timedelta | None = None) -> PrivacyRecord | None:
    """Do some of an erasure, or all. Returns the record once it is done.

    Raises:
        NotNow: nothing is left but what must not be touched now; it is tried again by itself.
        ErasureRequest.DoesNotExist: somebody else has ended it.
    """
    began = clock.now()
    _stop_if_in_the_way(pk)
    while not clock.stop_requested():
        if not _some(pk):
            return _end(pk)
        if for_as_long_as is not None and clock.now() - began >= for_as_long_as:
            return None
        # Between two transactions everybody else gets at the database, of which SQLite has one writer.
        clock.sleep(_BREATH)
    return None


@transaction.atomic
def _some(pk: int) -> bool:
    """One table's next rows. Returns whether there was anything to do. Who holds the request's row works alone."""
    row = ErasureRequest.objects.select_for_update().get(pk=pk)
    who = person(row.phone_number, row.stand_in)
    if _sweep(row, who, early=True):
        return True
    for one in registry.personal_data():
        for table in one.tables():
            if done := table.anonymise(who, clock.now()):
                _note(row, table.label, done)
                return True
    return _sweep(row, who, early=False)


def _sweep(row: ErasureRequest, who: Person, *, early: bool) -> bool:
    """The next stretch of a table in which the number may stand; early: of those that are to be done by name."""
    for one in registry.personal_data():
        for table in one.tables():
            if not table.free or (early and not getattr(table, "early", False)):
                continue
            mark = f"{table.label} (early)" if early else table.label
            if (after := row.swept.get(mark, 0)) == mentions.DONE:
                continue
            if early and table.by_name:
                row.swept[mark], found = mentions.sweep_some(table, _told_apart(who), after, who.names)
            else:
                row.swept[mark], found = mentions.sweep_some(table, who, after)
            _note(row, f"{table.label} (mentions)", found)
            if early and not found and row.swept[mark] == mentions.DONE:
                # Where there are no such rows, nothing was done.
                continue
            return True
    return False


def _told_apart(who: Person) -> Person:
    """With what it takes to tell them from others of the same name."""
    long = [name for name in who.names if len(name.split()) > 1]
    others = Contact.objects.filter(name__in=long).exclude(phone_number=who.phone_number)
    shared = set(others.order_by().values_list("name", flat=True))
    parts = (pair for one in registry.personal_data() for pair in one.takes_part(who.phone_number))
    return replace(who, distinct=tuple(name for name in long if name not in shared), parts=frozenset(parts))


def _stop_if_in_the_way(pk: int) -> None:
    """What was begun since they asked for it is waited for, as it would have been then."""
    row = ErasureRequest.objects.get(pk=pk)
    who = person(row.phone_number, row.stand_in)
    if reasons := [sentence for one in registry.personal_data() for sentence in one.obstacles(who)]:
        _wait(row, reasons)
        raise NotNow(reasons)


def _wait(row: ErasureRequest, reasons: Sequence[str]) -> None:
    row.problem, row.next_try_at = " ".join(reasons)[:500], clock.now() + _TRY_AGAIN_AFTER
    # What came meanwhile may name them.
    row.swept = {}
    row.save(update_fields=["problem", "next_try_at", "swept"])


def _note(row: ErasureRequest, label: str, rows: int) -> None:
    if rows:
        row.counts[label] = row.counts.get(label, 0) + rows
    row.save(update_fields=["counts", "swept"])


def _end(pk: int) -> PrivacyRecord:
    reasons: list[str] = []
    with transaction.atomic():
        row = ErasureRequest.objects.select_for_update().get(pk=pk)
        who = person(row.phone_number, row.stand_in)
        if left := _held(who):
            reasons = [sentence for one in registry.personal_data() for sentence in one.obstacles(who)]
            reasons = reasons or [f"Rows are still in use: {', '.join(left)}. A worker tries again in a minute."]
            _wait(row, reasons)
        else:
            record = PrivacyRecord.objects.create(
                kind=PrivacyRecord.Kind.ERASURE,
                fingerprint=names.fingerprint(row.phone_number),
                key_id=names.key_id(),
                stand_in=row.stand_in,
                actor=row.actor,
                reason=row.reason,
                began_at=row.requested_at,
                at=clock.now(),
                counts=row.counts,
            )
            row.delete()
            _log(record)
            return record
    raise NotNow(reasons)


def _held(who: Person) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for one in registry.personal_data():
        for table in one.tables():
            counts[table.label] += table.count(who)
    return {label: rows for label, rows in counts.items() if rows}


def _log(record: PrivacyRecord) -> None:
    user = get_user_model().objects.filter(username=record.actor).first()
    if user is not None:
        LogEntry.objects.log_actions(user.pk, [record], CHANGE, change_message=f"Erase a person: {record.reason}")
