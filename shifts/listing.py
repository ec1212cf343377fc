"""The shifts somebody can book, a page at a time: REQUEST begins, MORE goes on after the last one listed. And MINE."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from messaging import clock
from messaging.compiled import Compiled, CompiledUpdate
from messaging.text import measure
from shifts import phrases, selectors, texts
from shifts.models import Employee, Listing, Shift

# Parts of one page: 918 characters of GSM-7, 402 others.
MOST_PARTS = 6
# More lines than this are on no page, be they nothing but codes of two letters.
_MOST_LINES = 400
_REMEMBERED = timedelta(hours=24)


def request(employee: Employee) -> str:
    """The first page, from the soonest shift."""
    shifts = list(_AVAILABLE.objects(now=clock.now()))
    if not shifts:
        _note(employee, None)
        return phrases.NO_SHIFTS.say()
    return _page(employee, shifts)


_AVAILABLE = Compiled(lambda now: selectors.available(now)[:_MOST_LINES], now=datetime)


def more(employee: Employee) -> str:
    """The page after the last one; the first, if they have seen none for a day or its last shift was deleted."""
    row = _recent(employee)
    if row is None or row.last_shift is None:
        return request(employee)
    shifts = list(selectors.available(clock.now()).filter(_after(row.last_shift))[:_MOST_LINES])
    return _page(employee, shifts) if shifts else phrases.THE_END.say()


def is_reading(employee: Employee) -> bool:
    """Whether they have seen a page within a day, so that a MORE of theirs means our list."""
    return _recent(employee) is not None


def mine(employee: Employee) -> str:
    """The shifts they hold."""
    return texts.held(list(selectors.held_by(employee, clock.now())), zone_of(employee))


def to_drop(employee: Employee) -> str:
    """How to give back one of the shifts they hold."""
    return texts.how_to_drop(list(selectors.held_by(employee, clock.now())), zone_of(employee))


def zone_of(employee: Employee) -> tzinfo:
    """Whose clock they live by: their contact's, else that of the settings."""
    try:
        return ZoneInfo(employee.contact.time_zone or settings.TIME_ZONE)
    except (OSError, ValueError, KeyError):
        # A zone that nobody knows, typed by hand.
        return ZoneInfo(settings.TIME_ZONE)


def fill(shifts: Sequence[Shift], zone: tzinfo) -> tuple[str, int]:
    """The page that begins with these shifts, and how many of them are on it: at least one. Pure.

    A page on which not all of them are says that there are more. Information too long for a page of its own is cut.
    """
    lines = [texts.line(shift, zone) for shift in shifts]
    if _fits(body := _body(lines, more=False)):
        return body, len(lines)
    low, high = 1, len(lines) - 1
    while low < high:
        # The more lines, the longer: a page that is too long stays so.
        middle = (low + high + 1) // 2
        if _fits(_body(lines[:middle], more=True)):
            low = middle
        else:
            high = middle - 1
    body = _body(lines[:low], more=len(lines) > low)
    return (body if _fits(body) else _cut(shifts[0], zone, more=len(lines) > 1)), low


def _cut(shift: Shift, zone: tzinfo, *, more: bool) -> str:
    bodies = (_body([texts.line(shift, zone, most=most)], more=more) for most in range(len(shift.shift_info), -1, -1))
    return next(filter(_fits, bodies))


def _body(lines: Sequence[str], *, more: bool) -> str:
    return "\n".join([*lines, texts.footer(more=more)])


def _fits(body: str) -> bool:
    return measure(body).parts <= MOST_PARTS


def _page(employee: Employee, shifts: Sequence[Shift]) -> str:
    body, count = fill(shifts, zone_of(employee))
    _note(employee, shifts[count - 1])
    return body


def _note(employee: Employee, last: Shift | None) -> None:
    now = clock.now()
    if not _LISTED.run(employee=employee.pk, last=last.pk if last else None, at=now):
        Listing.objects.bulk_create(
            [Listing(employee=employee, last_shift=last, listed_at=now)],
            update_conflicts=True,
            unique_fields=["employee"],
            update_fields=["last_shift", "listed_at"],
        )


_LISTED = CompiledUpdate(
    lambda employee, last, at: Listing.objects.filter(pk=employee),
    lambda employee, last, at: {"last_shift": last, "listed_at": at},
    employee=int,
    last=int,
    at=datetime,
)


def _recent(employee: Employee) -> Listing | None:
    listing: Listing | None = _RECENT.first(employee=employee.pk, since=clock.now() - _REMEMBERED)
    return listing


_RECENT = Compiled(
    lambda employee, since: Listing.objects.filter(pk=employee, listed_at__gt=since).select_related("last_shift"),
    employee=int,
    since=datetime,
)


def _after(last: Shift) -> Q:
    """What stands after a shift in the order of selectors.available, whether or not that one still can be booked."""
    untimed = Q(starts_at__isnull=True)
    if last.starts_at is None:
        return untimed & Q(id__gt=last.pk)
    return untimed | Q(starts_at__gt=last.starts_at) | Q(starts_at=last.starts_at, id__gt=last.pk)
