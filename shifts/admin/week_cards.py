"""A week as its page shows it: days of cards, read in a fixed number of queries however many shifts there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode

from shifts import selectors, weeks
from shifts.models import Booking, Shift
from shifts.weeks import Slot, State

# A day with more is a list, and has one.
_MOST_A_DAY = 40
_MOST_GOING_ON = 20
_MOST_WITHOUT_START = 60
# More names make a card nobody reads, and more dots a picture nobody counts.
_NAMES = 3
_MOST_DOTS = 8
_COLUMNS = ("pk", "starts_at", "ends_at", "places", "booked")
_TONES = {State.FREE: "success", State.TAKEN: "primary", State.BEGUN: "warning", State.OVER: "plain"}


@dataclass(frozen=True, slots=True)
class Card:
    """A shift on a day.

    Attributes:
        time: when, in words; of what goes on from the day before, until when.
        label: its state in a word or two.
        dots: of few places each, whether somebody has it; of many places none.
        share: of many places, how many of a hundred are taken.
        names: first names of who has it.
        others: how many more have it.
        may_book: whether a place can still be given; likewise may_release.
    """

    shift: Shift
    time: str
    goes_on: bool
    tone: str
    label: str
    dots: tuple[bool, ...]
    share: int
    names: str
    others: int
    may_book: bool
    may_release: bool


@dataclass(frozen=True, slots=True)
class DayOfCards:
    """A day, its cards, and where the rest of them is.

    Attributes:
        more: how many more begin on it.
        more_go_on: whether more go on from the days before.
    """

    day: weeks.Day
    is_today: bool
    is_past: bool
    cards: tuple[Card, ...]
    more: int
    more_go_on: bool
    url: str
    url_before: str


@dataclass(frozen=True, slots=True)
class WeekOfCards:
    """The whole page."""

    week: weeks.Week
    last: date
    days: tuple[DayOfCards, ...]
    is_this_week: bool
    without_start: tuple[Card, ...]
    more_without_start: bool

    @property
    def is_empty(self) -> bool:
        """Whether no shift is on any day of it."""
        return not any(one.day.pieces for one in self.days)


def read(first: date, today: date, now: datetime, *, may_act: bool) -> WeekOfCards:
    """The week that begins with a day, in the current time zone."""
    zone = timezone.get_current_timezone()
    begins, (_, end) = weeks.begins(first, zone), weeks.span(first, zone)
    week = weeks.lay_out(_slots(begins, end), selectors.sums(begins, end, now), first, zone)
    shown = {piece.slot.pk for day in week.days for piece in (*_going_on(day), *_beginning(day))}
    shifts = {one.pk: one for one in _with_people(Shift.objects.filter(pk__in=shown))}
    undated = list(_with_people(selectors.without_start())[: _MOST_WITHOUT_START + 1])
    last = first + timedelta(days=weeks.DAYS - 1)
    return WeekOfCards(
        week=week,
        last=last,
        days=tuple(_day(day, today, shifts, now, may_act) for day in week.days),
        is_this_week=first <= today <= last,
        without_start=tuple(_undated(one, may_act) for one in undated[:_MOST_WITHOUT_START]),
        more_without_start=len(undated) > _MOST_WITHOUT_START,
    )


def _with_people(shifts: QuerySet[Shift]) -> QuerySet[Shift]:
    """Each with the first few who have it, however many do."""
    held = Booking.objects.filter(dropped_at__isnull=True).select_related("employee__contact")
    first = held.order_by("booked_at", "id")[:_NAMES]
    return shifts.prefetch_related(Prefetch("bookings", queryset=first, to_attr="held"))


def _slots(begins: Sequence[datetime], end: datetime) -> Iterable[Slot]:
    """What may be shown of each day: two queries a day, of which none reads more than a page has."""
    found: dict[int, Slot] = {}
    for begin, until in pairwise([*begins, end]):
        for rows in (selectors.beginning(begin, until)[:_MOST_A_DAY], selectors.going_on(begin)[: _MOST_GOING_ON + 1]):
            for pk, starts_at, ends_at, places, booked in rows.values_list(*_COLUMNS):
                assert starts_at is not None
                found[pk] = Slot(pk, starts_at, ends_at, places, booked)
    return found.values()


def _going_on(day: weeks.Day) -> Sequence[weeks.Piece]:
    """Those from the days before that have room: the latest begun."""
    return [piece for piece in day.pieces if piece.goes_on][-_MOST_GOING_ON:]


def _beginning(day: weeks.Day) -> Sequence[weeks.Piece]:
    return [piece for piece in day.pieces if not piece.goes_on][:_MOST_A_DAY]


def _day(day: weeks.Day, today: date, shifts: dict[int, Shift], now: datetime, may_act: bool) -> DayOfCards:
    going_on, beginning = _going_on(day), _beginning(day)
    cards = [
        _card(shifts[piece.slot.pk], weeks.state(piece.slot, now), piece.goes_on, day.date, may_act)
        for piece in (*going_on, *beginning)
        # Deleted between the two reads.
        if piece.slot.pk in shifts
    ]
    return DayOfCards(
        day=day,
        is_today=day.date == today,
        is_past=day.date < today,
        cards=tuple(cards),
        more=max(0, day.sums.shifts - len(beginning)),
        more_go_on=sum(piece.goes_on for piece in day.pieces) > len(going_on),
        url=_list_url(day.date),
        url_before=_list_url(day.date - timedelta(days=1)),
    )


def _list_url(day: date) -> str:
    """The list of the shifts that begin on a day."""
    zone = timezone.get_current_timezone()
    begin, _ = weeks.span(day, zone)
    end, _ = weeks.span(day + timedelta(days=1), zone)
    query = urlencode({"starts_at__gte": begin.isoformat(), "starts_at__lt": end.isoformat()})
    return f"{reverse('admin:shifts_shift_changelist')}?{query}"


def _undated(shift: Shift, may_act: bool) -> Card:
    state = State.TAKEN if shift.places_left <= 0 else State.FREE
    return _fill(shift, state, "", False, may_act)


def _card(shift: Shift, state: State, goes_on: bool, day: date, may_act: bool) -> Card:
    return _fill(shift, state, _time(shift, goes_on, day), goes_on, may_act)


def _fill(shift: Shift, state: State, time: str, goes_on: bool, may_act: bool) -> Card:
    held: Iterable[Booking] = getattr(shift, "held", ())
    names = [_first_name(one) for one in held]
    ahead = state in (State.FREE, State.TAKEN)
    few = shift.places <= _MOST_DOTS
    return Card(
        shift=shift,
        time=time,
        goes_on=goes_on,
        tone=_TONES[state],
        label=_label(shift, state),
        dots=tuple(number < shift.booked for number in range(shift.places)) if few else (),
        share=round(100 * shift.booked / shift.places),
        names=", ".join(names),
        others=max(0, shift.booked - len(names)),
        may_book=may_act and state is State.FREE,
        may_release=may_act and ahead and shift.booked > 0,
    )


def _label(shift: Shift, state: State) -> str:
    if state is State.FREE:
        return f"{shift.places_left} free"
    return {State.TAKEN: "full", State.BEGUN: "under way", State.OVER: "over"}[state]


def _first_name(one: Booking) -> str:
    contact = one.employee.contact
    return contact.name.split()[0] if contact.name.strip() else contact.phone_number


def _time(shift: Shift, goes_on: bool, day: date) -> str:
    """From when to when; the day of the end where it is another one, the zone where clocks are changed in between."""
    assert shift.starts_at is not None
    start = timezone.localtime(shift.starts_at)
    if shift.ends_at is None:
        return date_format(start, "H:i")
    end = timezone.localtime(shift.ends_at)
    zones = start.utcoffset() != end.utcoffset()
    until = date_format(end, "H:i T" if zones else "H:i")
    if end.date() not in (start.date(), day):
        # A weekday is told of the week that is looked at only.
        on = date_format(end, "D" if end.date() - day < timedelta(days=weeks.DAYS) else "D j M")
        until = f"{on}\N{NO-BREAK SPACE}{until}"
    if goes_on:
        return f"until {until}"
    return f"{date_format(start, 'H:i T' if zones else 'H:i')}\N{NO-BREAK SPACE}– {until}"
