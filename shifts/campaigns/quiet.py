"""For whom it is night, going by their phone numbers. Pure.

A number tells its time zone as well as its digits do: an American one by area code, a mobile elsewhere by country.
Where several are possible, it is night only if it is in all of them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import timezone

# Texts to many are welcome from 8 to 21 o'clock; the law of the United States says the same of calls.
BEGINS, ENDS = 21, 8
# As many digits tell the zone: +1 and the area code, with some of the exchange.
_TELLING = 7
_UNKNOWN = "Etc/Unknown"


class Where(NamedTuple):
    """Where a number may be: its country (ISO 3166), and the time zones that are possible."""

    country: str
    zones: tuple[str, ...]

    @property
    def place(self) -> str:
        """In words: Los Angeles; the country where several zones are possible."""
        return self.zones[0].rsplit("/", 1)[-1].replace("_", " ") if len(self.zones) == 1 else self.country


@dataclass(frozen=True, slots=True)
class Night:
    """People for whom it is night, in one place, and what the clock says there."""

    people: int
    place: str
    clock: str


def whereabouts(phone_numbers: Iterable[str]) -> Counter[Where]:
    """How many of these numbers are where; those that do not tell are left out."""
    found = Counter(number[:_TELLING] for number in phone_numbers)
    people: Counter[Where] = Counter()
    for beginning, count in found.items():
        if (where := _where(beginning)).zones:
            people[where] += count
    return people


def nights(people: Mapping[Where, int], at: datetime) -> list[Night]:
    """Where it is night at a moment, the most people first."""
    found: Counter[tuple[str, str]] = Counter()
    for where, count in people.items():
        if all(_is_night(zone, at) for zone in where.zones):
            found[where.place, f"{_local(where.zones[0], at):%H:%M}"] += count
    return [Night(count, place, clock) for (place, clock), count in found.most_common()]


def _is_night(zone: str, at: datetime) -> bool:
    hour = _local(zone, at).hour
    return hour >= BEGINS or hour < ENDS


def _local(zone: str, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(zone))


@lru_cache(maxsize=50_000)
def _where(beginning: str) -> Where:
    # Any number that begins so stands for all of them: reading each of a hundred thousand would take seconds.
    try:
        number = phonenumbers.parse(beginning.ljust(len("+14255550182"), "2"))
    except phonenumbers.NumberParseException:
        return Where("", ())
    zones = timezone.time_zones_for_geographical_number(number)
    country = phonenumbers.region_code_for_country_code(number.country_code or 0)
    return Where(country, tuple(zone for zone in zones if zone != _UNKNOWN and _exists(zone)))


@lru_cache(maxsize=1_000)
def _exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return False
    return True
