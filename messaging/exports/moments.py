"""Times as systems write them. Pure."""

from datetime import UTC, datetime, tzinfo
from typing import Any

# Seconds or milliseconds since 1970: this many seconds are the year 5138, this many milliseconds March 1973.
_MILLISECONDS_FROM = 100_000_000_000
# There was neither Pinpoint nor DynamoDB before, and years near the first are no times in every time zone.
_FIRST_YEAR = 1970
# Other numbers are no seconds, whatever they are: 20250701 is a day, and not one of August 1970.
_FIRST_SECOND, _LAST_SECOND = 946_684_800, 4_102_444_800  # the years 2000 and 2100
_PATTERNS = ("%d/%m/%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f")


def read(value: Any, zone: tzinfo | None = None) -> datetime | None:
    """A time: seconds or milliseconds since 1970, ISO 8601, or day/month/year as Python's strftime has written it.

    Args:
        value: a number or a text.
        zone: of times that do not say theirs; None: those are none.

    Returns:
        In UTC; None when it is no time.
    """
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).strip()
    try:
        at = datetime.fromtimestamp(_seconds(float(text)), UTC)
    except (ValueError, OverflowError, OSError):
        found = _written(text)
        if found is None or (found.tzinfo is None and zone is None):
            return None
        try:
            at = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
    return at if at.year >= _FIRST_YEAR else None


def _seconds(number: float) -> float:
    seconds = number / 1000 if number >= _MILLISECONDS_FROM else number
    if not _FIRST_SECOND <= seconds < _LAST_SECOND:
        raise ValueError("no time that anything was exported with")
    return seconds


def _written(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for pattern in _PATTERNS:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007
        except ValueError:
            continue
    return None
