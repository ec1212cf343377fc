"""People, money, durations and moments as HR says them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import ceil

from django.utils import timezone
from django.utils.formats import date_format

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_CENT = Decimal("0.01")


def number(count: int) -> str:
    """With commas: 12,345."""
    return f"{count:,}"


def count_of(count: int, one: str, many: str = "") -> str:
    """1 person, 812 people; without a plural of its own a word gets an s."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def people(count: int) -> str:
    """How many."""
    return count_of(count, "person", "people")


def about(seconds: float) -> str:
    """A duration in words, no finer than an estimate is: "about 17 minutes"."""
    if seconds < 5:
        return "a few seconds"
    if seconds <= 50:
        return f"about {ceil(seconds / 5) * 5} seconds"
    if seconds < 90 * _MINUTE:
        return f"about {count_of(max(1, round(seconds / _MINUTE)), 'minute')}"
    if seconds < 36 * _HOUR:
        hours, minutes = divmod(round(seconds / _MINUTE / 10) * 10, 60)
        rest = f" {minutes} minutes" if minutes else ""
        return f"about {count_of(hours, 'hour')}{rest}"
    return f"about {count_of(round(seconds / _DAY), 'day')}"


def pace(mps: Mapping[str, int]) -> str:
    """How fast the numbers of ours send."""
    if not mps:
        return ""
    if len(mps) == 1:
        return f"at {count_of(next(iter(mps.values())), 'part')} a second"
    return f"from {len(mps)} numbers at once"


def money(amount: Decimal, currency: str) -> str:
    """Rounded to cents, unless that would be nothing."""
    rounded = amount.quantize(_CENT, ROUND_HALF_UP)
    if amount and not rounded:
        return f"{amount.normalize():f} {currency}"
    return f"{rounded:,} {currency}"


def moment(at: datetime, now: datetime) -> str:
    """A moment in the admin's time zone: without the day if it is today's."""
    local = timezone.localtime(at)
    today = local.date() == timezone.localdate(now)
    return date_format(local, "H:i" if today else "D j M Y, H:i")


def at(when: datetime, now: datetime) -> str:
    """The same within a sentence: "at 14:05", "on Fri 3 Jul 2026, 14:05"."""
    told = moment(when, now)
    return f"on {told}" if "," in told else f"at {told}"


def rate(texts: float) -> str:
    """Texts a second: with a digit behind the point where it tells something."""
    shown = f"{texts:.1f}".removesuffix(".0") if texts < 10 else number(round(texts))
    return f"{shown} {'text' if shown == '1' else 'texts'} a second"


def share(part: int, whole: int) -> str:
    """A part in percent; "" of nothing. Only all is 100 %, and only none is 0 %."""
    if not whole:
        return ""
    percent = 100 * part / whole
    if 0 < percent < 1:
        return "less than 1 %"
    return f"{min(round(percent), 99) if part < whole else round(percent)} %"


def done_at(now: datetime, seconds: float) -> str:
    """When something ends that takes so long."""
    return moment(now + timedelta(seconds=seconds), now)


def shift_time(starts_at: datetime | None, ends_at: datetime | None) -> str:
    """From when to when; "" without a start."""
    if starts_at is None:
        return ""
    start = timezone.localtime(starts_at)
    words = date_format(start, "D j M Y, H:i")
    if ends_at is None:
        return words
    end = timezone.localtime(ends_at)
    until = date_format(end, "H:i" if end - start < timedelta(days=1) else "D j M, H:i")
    # Not broken between the two times.
    return f"{words}\N{NO-BREAK SPACE}–\N{NO-BREAK SPACE}{until}"
