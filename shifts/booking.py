"""The only writer of bookings and of the places they take.

A place is taken by one conditional UPDATE, never by reading how many are left. Locks are taken in one order (the
employee, then shifts by id), so that nobody waits for somebody who waits for them; SQLite has one writer anyway.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from messaging import clock
from shifts import events, selectors
from shifts.models import Booking, Campaign, Employee, Shift
from shifts.times import has_begun, soonest_first


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of each code of a request, as codes are stored; each stands in one of these.

    Attributes:
        not_available: no place was left, or the shift has begun.
        overlapping: the code, and that of the shift they hold at that time.
    """

    booked: tuple[str, ...] = ()
    already_yours: tuple[str, ...] = ()
    not_available: tuple[str, ...] = ()
    overlapping: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """What became of each code that somebody gave back, as codes are stored; each stands in one of these."""

    dropped: tuple[str, ...] = ()
    not_held: tuple[str, ...] = ()
    begun: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class Verdict(Enum):
    """Whether somebody may have a shift."""

    FREE = auto()
    ALREADY_YOURS = auto()
    NOT_AVAILABLE = auto()
    OVERLAPS = auto()


def judge(wanted: Shift, held: Iterable[Shift], now: datetime) -> tuple[Verdict, str]:
    """Whether somebody who holds these shifts may have another one, and the code of the held one in its way. Pure.

    Whether a place is left is not asked here: nobody can know it before it is taken.
    """
    held = soonest_first(held)
    if any(one.pk == wanted.pk for one in held):
        return Verdict.ALREADY_YOURS, wanted.shift_id
    if has_begun(wanted, now):
        return Verdict.NOT_AVAILABLE, ""
    for one in held:
        if _overlap(one, wanted):
            return Verdict.OVERLAPS, one.shift_id
    return Verdict.FREE, ""


def _overlap(one: Shift, other: Shift) -> bool:
    """Whether two shifts share a moment. One without an end is the instant of its start, one without a start none.

    One that ends when the other begins does not overlap with it.
    """
    if one.starts_at is None or other.starts_at is None:
        return False
    if one.starts_at == other.starts_at:
        return True
    first, second = (one, other) if one.starts_at < other.starts_at else (other, one)
    assert second.starts_at is not None
    return first.ends_at is not None and second.starts_at < first.ends_at


class NotApproved(Exception):
    """Somebody who is not approved was to be booked; the message says it for staff, and what may be done."""

    def __init__(self, employee: Employee) -> None:
        super().__init__(f"{employee} is not approved. Approve them first: only then may they have a shift.")


@transaction.atomic
def book(
    employee: Employee,
    codes: Sequence[str],
    *,
    source: Booking.Source,
    actor: str = "",
    campaign: Campaign | None = None,
    unknown: Sequence[str] = (),
) -> Summary:
    """Give somebody a place on each of these shifts, in the order of the codes, and say what became of each.

    Whether they are approved is asked here, when nobody can change it any more. A text that was let in a moment before
    its sender's approval was withdrawn ends in NotApproved: routing takes it again, and then it is turned away.

    Args:
        employee: for whom.
        codes: of the shifts, in any case; one that does not exist (any more) is reported as unknown.
        source: the door.
        actor: who of the staff; blank for a text.
        campaign: that the bookings count for.
        unknown: codes that are known not to exist, to be reported with the others.

    Raises:
        NotApproved: nothing is booked.
        Employee.DoesNotExist: deleted meanwhile; nothing is booked.
    """
    if not _lock(employee).approved:
        raise NotApproved(employee)
    now = clock.now()
    wanted, missing = _lock_shifts(codes)
    held = _held(employee, wanted, now)
    verdicts: dict[Verdict, list[str]] = {verdict: [] for verdict in Verdict}
    in_the_way: list[str] = []
    for shift in wanted:
        verdict, other = judge(shift, held, now)
        if verdict is Verdict.FREE:
            verdict = _take_place(shift, employee, now, source=source, actor=actor[:150], campaign=campaign)
        if verdict is Verdict.FREE:
            held.append(shift)
            events.booked(shift, employee, actor)
        verdicts[verdict].append(shift.shift_id)
        if verdict is Verdict.OVERLAPS:
            in_the_way.append(other)
    return Summary(
        booked=tuple(verdicts[Verdict.FREE]),
        already_yours=tuple(verdicts[Verdict.ALREADY_YOURS]),
        not_available=tuple(verdicts[Verdict.NOT_AVAILABLE]),
        overlapping=tuple(zip(verdicts[Verdict.OVERLAPS], in_the_way, strict=True)),
        unknown=(*unknown, *missing),
    )


@transaction.atomic
def drop(employee: Employee, codes: Sequence[str], *, by: str, unknown: Sequence[str] = ()) -> Dropped:
    """Give back somebody's places on these shifts, which anybody may then book, and say what became of each.

    A shift that has begun stays theirs.

    Args:
        employee: whose places.
        codes: of the shifts, in any case; one that does not exist (any more) is reported as unknown.
        by: their phone number, or the username of the staff.
        unknown: codes that are known not to exist, to be reported with the others.

    Raises:
        Employee.DoesNotExist: deleted meanwhile.
    """
    _lock(employee)
    now = clock.now()
    shifts, missing = _lock_shifts(codes)
    dropped, not_held, begun = list[str](), list[str](), list[str]()
    for shift in shifts:
        booking = Booking.objects.filter(shift=shift, employee=employee, dropped_at__isnull=True)
        if has_begun(shift, now):
            (begun if booking.exists() else not_held).append(shift.shift_id)
        elif booking.update(dropped_at=now, dropped_by=by[:150]):
            Shift.objects.filter(pk=shift.pk).update(booked=F("booked") - 1)
            dropped.append(shift.shift_id)
            events.released(shift, employee, by)
        else:
            not_held.append(shift.shift_id)
    return Dropped(tuple(dropped), tuple(not_held), tuple(begun), (*unknown, *missing))


def _lock(employee: Employee) -> Employee:
    """Their row as it is now. Until the transaction ends nobody else books or drops for them, or changes approval."""
    # No key: rows that only point to the employee need not wait.
    return Employee.objects.select_for_update(no_key=True).get(pk=employee.pk)


def _lock_shifts(codes: Sequence[str]) -> tuple[list[Shift], list[str]]:
    """The shifts in the order of their codes, each once, and the codes without one."""
    rows = selectors.with_codes(codes).select_for_update(no_key=True).order_by("id") if codes else ()
    found = {shift.shift_id.upper(): shift for shift in rows}
    in_order = {code.upper(): code for code in codes}
    return (
        [found[code] for code in in_order if code in found],
        [code for code in in_order.values() if code.upper() not in found],
    )


def _held(employee: Employee, wanted: Sequence[Shift], now: datetime) -> list[Shift]:
    """What they hold that may matter: the wanted ones themselves, and whatever is not over."""
    holding = Shift.objects.filter(bookings__employee=employee, bookings__dropped_at__isnull=True)
    return list(holding.filter(Q(pk__in=[one.pk for one in wanted]) | Q(starts_at__gt=now) | Q(ends_at__gt=now)))


def _take_place(
    shift: Shift, employee: Employee, now: datetime, *, source: Booking.Source, actor: str, campaign: Campaign | None
) -> Verdict:
    """Take a place if one is left; FREE: it is theirs now."""
    try:
        with transaction.atomic():
            if not Shift.objects.filter(pk=shift.pk, booked__lt=F("places")).update(booked=F("booked") + 1):
                return Verdict.NOT_AVAILABLE
            Booking.objects.create(
                shift=shift, employee=employee, campaign=campaign, source=source, actor=actor, booked_at=now
            )
    except IntegrityError:
        # Whoever writes bookings without asking us keeps no lock: the database lets one of the two have it.
        if not Booking.objects.filter(shift=shift, employee=employee, dropped_at__isnull=True).exists():
            raise
        return Verdict.ALREADY_YOURS
    return Verdict.FREE
