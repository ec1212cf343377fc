"""The days that a report is about. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

LONGEST = 366
DEFAULT = 30
CHOICES = (7, 30, 90)
# More columns than this are too thin to point at.
_MOST_DAYS_DRAWN = 92


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, both ends included, at most LONGEST.

    Attributes:
        problem: what was wrong with what was asked for, and what is shown instead; "" when nothing was.
    """

    first: date
    last: date
    problem: str = ""

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def by_week(self) -> bool:
        """Whether charts have a column for each week instead of each day."""
        return self.days > _MOST_DAYS_DRAWN

    def columns(self) -> list[date]:
        """Each day; or the Monday of each week, the first of which may lie before the span."""
        step = 7 if self.by_week else 1
        begin = self.first - timedelta(days=self.first.weekday()) if self.by_week else self.first
        return [begin + timedelta(days=back) for back in range(0, (self.last - begin).days + 1, step)]

    def of_column(self, begin: date) -> tuple[date, date]:
        """The first and the last day that a column stands for."""
        if not self.by_week:
            return begin, begin
        return max(begin, self.first), min(begin + timedelta(days=6), self.last)

    def moments(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """When it begins, and when it is over."""
        begin, end = (
            datetime.combine(day, datetime.min.time(), zone) for day in (self.first, self.last + timedelta(days=1))
        )
        return begin, end

    def query(self) -> dict[str, str]:
        """The parameters of an address by which it is read again."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}


def last_days(number: int, today: date, problem: str = "") -> Span:
    """So many days, today included."""
    return Span(today - timedelta(days=number - 1), today, problem)


def read(asked: Mapping[str, str], today: date, *, default: int = DEFAULT) -> Span:
    """The span that an address asks for: ``days``, or ``from`` and ``to`` (ISO 8601; either may be missing).

    What makes no sense is told, and replaced by the default; what is too long, by its last part.
    """
    begin, end, days = (asked.get(name, "").strip() for name in ("from", "to", "days"))
    if not begin and not end:
        if not days:
            return last_days(default, today)
        if days.isdecimal() and len(days) <= 3 and 1 <= int(days) <= LONGEST:
            return last_days(int(days), today)
        return last_days(default, today, f"Give a number of days from 1 to {LONGEST}.")
    try:
        last = date.fromisoformat(end) if end else today
        first = date.fromisoformat(begin) if begin else last - timedelta(days=default - 1)
        # At either end of the calendar there is no day before, or after.
        if not date.min + timedelta(days=LONGEST) <= first <= date.max - timedelta(days=LONGEST):
            raise ValueError
    except (ValueError, OverflowError):
        return last_days(default, today, "Write dates as 2027-01-31.")
    if first > last:
        return last_days(default, today, "The first day comes after the last.")
    if (last - first).days >= LONGEST:
        kept = last_days(LONGEST, last)
        return Span(kept.first, kept.last, f"A report has {LONGEST} days at most: the last ones are shown.")
    return Span(first, last)
