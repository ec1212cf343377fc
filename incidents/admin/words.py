"""Durations, times and lists of people as staff say them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def duration(length: timedelta) -> str:
    """Fine enough to compare two incidents by, and no finer: "15 s", "3 min 20 s", "5 h 12 min"."""
    seconds = length.total_seconds()
    if seconds < 1:
        return "less than 1 s"
    whole = round(seconds)
    if whole < 2 * _MINUTE:
        return f"{whole} s"
    if whole < 2 * _HOUR:
        return _two(whole, _MINUTE, "min", 1, "s")
    if whole < 2 * _DAY:
        return _two(whole // _MINUTE * _MINUTE, _HOUR, "h", _MINUTE, "min")
    return _two(whole // _HOUR * _HOUR, _DAY, "days", _HOUR, "h")


def left(until: datetime, now: datetime) -> str:
    """How long until a moment: "in 12 s"; what is overdue runs any moment."""
    remaining = until - now
    return f"in {duration(remaining)}" if remaining >= timedelta(seconds=1) else "any moment"


def names(people: Sequence[str]) -> str:
    """Ann, Bob and Carla."""
    return " and ".join(filter(None, [", ".join(people[:-1]), *people[-1:]]))


def times(number: int) -> str:
    """How often."""
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def count(number: int, what: str) -> str:
    """How many: "1 step", "3 steps"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def money(amount: Decimal, currency: str) -> str:
    """An amount as fine as it has to be: "0.0158 USD", "12.50 USD"."""
    shown = f"{amount:,.2f}" if amount >= 1 or not amount else f"{amount:.5f}".rstrip("0")
    return f"{shown} {currency}"


def took(seconds: float | None) -> str:
    """A duration in seconds, "-" where there is none."""
    return "-" if seconds is None else duration(timedelta(seconds=seconds))


def _two(whole: int, large: int, large_name: str, small: int, small_name: str) -> str:
    rest = whole % large // small
    return f"{whole // large} {large_name}" + (f" {rest} {small_name}" if rest else "")
