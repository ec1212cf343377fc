"""Places and who holds them; people and files that wait for a worker."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from redis.exceptions import RedisError

from messaging import redis
from messaging.audit.findings import Check, Look, Severity
from shifts.models import Booking, CallAttempt, CallBack, RosterImport, Shift

# Amazon Connect may take ten seconds for each, one after the other.
_PLACING = timedelta(minutes=10)
_IMPORTING = timedelta(minutes=15)
# Longer than a call to Connect, which keeps the worker from the next file.
_NEXT_FILE = timedelta(seconds=20)
# As shifts.roster.claims names it; a test holds the two together.
_CLAIM = "textback:claim:import:{pk}"


def places(look: Look) -> QuerySet[Shift]:
    """As many places are taken as people hold. Index shifts_one_place_each; one constraint keeps both below places."""
    held = Count("bookings", filter=Q(bookings__dropped_at__isnull=True))
    return Shift.objects.annotate(held=held).exclude(held=F("booked"))


def overlapping(look: Look) -> QuerySet[Booking]:
    """Nobody holds two shifts that share a moment. Index shifts_held_by. The rule is shifts.booking's."""
    shares = (
        Q(shift__starts_at=OuterRef("shift__starts_at"))
        | Q(shift__starts_at__lt=OuterRef("shift__starts_at"), shift__ends_at__gt=OuterRef("shift__starts_at"))
        | Q(shift__starts_at__gt=OuterRef("shift__starts_at"), shift__starts_at__lt=OuterRef("shift__ends_at"))
    )
    # What is over was judged by the times it had then.
    ahead = Q(shift__starts_at__gt=look.now) | Q(shift__ends_at__gt=look.now)
    other = Booking.objects.filter(shares, ahead, employee=OuterRef("employee"), dropped_at__isnull=True)
    held = Booking.objects.filter(ahead, Exists(other.exclude(pk=OuterRef("pk"))), dropped_at__isnull=True)
    return held.select_related("shift")


def call_backs(look: Look) -> QuerySet[CallBack]:
    """Every call is placed, or given to staff. Index shifts_callback_due."""
    placing = CallBack.objects.filter(status=CallBack.Status.PLACING)
    return placing if look.at_rest else placing.filter(next_try_at__lte=look.now - _PLACING)


def calls(look: Look) -> QuerySet[CallBack]:
    """What is taken is being called by whoever took it, and nothing else is. Index shifts_one_call_at_a_time.

    Both are written in one transaction.
    """
    open_ = CallAttempt.objects.filter(call_back=OuterRef("pk"), ended_at__isnull=True)
    taken = Q(status=CallBack.Status.TAKEN)
    by_taker = Exists(open_.filter(actor=OuterRef("taken_by")))
    return CallBack.objects.filter((taken & ~by_taker) | (~taken & Exists(open_)))


def imports(look: Look) -> QuerySet[RosterImport]:
    """Every file is checked and imported, or refused. Index shifts_import_work.

    While a worker has any file, the others wait for it. Without Redis nobody can tell who has one.
    """
    waiting = RosterImport.objects.filter(
        status__in=[RosterImport.Status.CHECKING, RosterImport.Status.IMPORTING]
    ).defer("content")
    if look.at_rest:
        return waiting
    try:
        claims = [_CLAIM.format(pk=pk) for pk in waiting.values_list("pk", flat=True)]
        if claims and redis.client().exists(*claims):
            return waiting.none()
    except RedisError:
        return waiting.none()
    return waiting.filter(created_at__lte=look.now - _IMPORTING)


def _shift(row: Shift) -> str:
    return f"shift {row.shift_id}"


def _booking(row: Booking) -> str:
    return f"booking {row.pk} ({row.shift.shift_id})"


def _call_back(row: CallBack) -> str:
    return f"call back {row.pk}"


def _import(row: RosterImport) -> str:
    return f"import {row.pk} ({row.file_name})"


CHECKS: Iterable[Check] = [
    Check(
        "shifts.places_and_bookings",
        Severity.CRITICAL,
        places,
        "Shifts count more, or fewer, places taken than people hold them.",
        "Textback writes both together: was the database written to by hand? Compare the bookings; tell who maintains "
        "it.",
        _shift,
    ),
    Check(
        "shifts.overlapping_bookings",
        Severity.WARNING,
        overlapping,
        "Employees hold shifts that overlap. Nobody can book so, but somebody may have changed a shift's times since.",
        "Ask them which shift they will come to, and take them off the other.",
        _booking,
    ),
    Check(
        "shifts.call_back_not_placed",
        Severity.CRITICAL,
        call_backs,
        "Employees have asked to be called, and neither was Amazon Connect asked nor staff told.",
        "Call them. See that a worker for the queue 'slow' runs, and read its log.",
        _call_back,
    ),
    Check(
        "shifts.call_back_and_attempts",
        Severity.CRITICAL,
        calls,
        "Call backs are called taken and nobody is calling, or somebody is calling and they are not called taken.",
        "Textback writes both together: was the database written to by hand? Ask who called; tell who maintains it.",
        _call_back,
    ),
    Check(
        "shifts.import_stands_still",
        Severity.CRITICAL,
        imports,
        "Lists wait to be checked or imported, and no worker has one.",
        "See that a worker for the queue 'slow' runs, and read its log. A list that is being checked can be discarded.",
        _import,
        _NEXT_FILE,
    ),
]
