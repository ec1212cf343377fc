"""For whom it is night, going by their phone numbers. Pure.

A number tells its time zone as well as its digits do: an American one by area code, a mobile elsewhere by country. Where
several are possible, it is night only if it is in all of them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import timezone

# Texts to many are welcome from 8 to 21 o'clock; the law of the United States says the same of calls.
BEGINS, ENDS = 21, 8
# As many digits tell the zone: +1 and the area code, with some of the exchange.
_TELLING = 7
_UNKNOWN = "Etc/Unknown"

Zones = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Night:
    """People for whom it is night, in one place: its zone, and what the clock says there."""

    people: int
    zone: str
    clock: str

    @property
    def place(self) -> str:
        """The zone in words: Los Angeles."""
        return self.zone.rsplit("/", 1)[-1].replace("_", " ")


def zones_of(phone_numbers: Iterable[str]) -> Counter[Zones]:
    """How many of these numbers are in which time zones; those that tell none are left out."""
    found = Counter(number[:_TELLING] for number in phone_numbers)
    people: Counter[Zones] = Counter()
    for beginning, count in found.items():
        if zones := _zones(beginning):
            people[zones] += count
    return people


def nights(people: Mapping[Zones, int], at: datetime) -> list[Night]:
    """Where it is night at a moment, the most people first."""
    found: Counter[str] = Counter()
    for zones, count in people.items():
        if all(_is_night(zone, at) for zone in zones):
            found[zones[0]] += count
    return [Night(count, zone, f"{_local(zone, at):%H:%M}") for zone, count in found.most_common()]


def _is_night(zone: str, at: datetime) -> bool:
    hour = _local(zone, at).hour
    return hour >= BEGINS or hour < ENDS


def _local(zone: str, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(zone))


@lru_cache(maxsize=50_000)
def _zones(beginning: str) -> Zones:
    # Any number that begins so stands for all of them: reading each of a hundred thousand would take seconds.
    try:
        number = phonenumbers.parse(beginning.ljust(len("+14255550182"), "2"))
    except phonenumbers.NumberParseException:
        return ()
    zones = timezone.time_zones_for_geographical_number(number)
    return tuple(zone for zone in zones if zone != _UNKNOWN and _exists(zone))


@lru_cache(maxsize=1_000)
def _exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return False
    return True
