"""Shifts: no place twice, and what people were told is what the bookings say."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tests.crash.evidence import Booking, Evidence, Inbound
from tests.crash.judge.violation import Violation

# A booking's moment is taken before its lock: on PostgreSQL two may stand in the other order by that much.
_LOCK_SECONDS = 2.0
_PARTS = {
    "booked": "Shift booked: ",
    "yours": "Already yours: ",
    "full": "Shift not available: ",
    "dropped": "Given back: ",
}


@dataclass(frozen=True, slots=True)
class _Told:
    """What one reply says of one shift."""

    kind: str
    code: str
    phone: str
    text: int
    inbound: Inbound


def _told(evidence: Evidence) -> list[_Told]:
    inbound = {row.inbound_id: row for row in evidence.inbound}
    told = []
    for row in evidence.rows:
        if not re.match(r"(Request|Drop) summary - ", row.body):
            continue
        asked = inbound.get(row.key.removeprefix("inbound:").rpartition(":")[0])
        if asked is None:
            continue
        for part in re.sub(r"^\w+ summary - ", "", row.body).split(" | "):
            for kind, opening in _PARTS.items():
                if part.startswith(opening):
                    codes = part.removeprefix(opening).split(", ")
                    told += [_Told(kind, code, row.destination, row.id, asked) for code in codes]
    return told


def places(evidence: Evidence) -> Iterator[Violation]:
    """No shift has more holders than places, now or at any moment; its counter agrees."""
    by_code: dict[str, list[Booking]] = defaultdict(list)
    for booking in evidence.bookings:
        by_code[booking.code].append(booking)
    for shift in evidence.shifts:
        held = [booking for booking in by_code[shift.code] if booking.dropped_at is None]
        if not len(held) == shift.booked <= shift.places:
            what = f"{shift.code} has {len(held)} holders, counts {shift.booked}, and {shift.places} places"
            yield Violation("places", what)
        if (most := _most_at_once(by_code[shift.code])) > shift.places:
            yield Violation("places", f"{shift.code} was held by {most} at once; {shift.places} places")
        people = [booking.phone for booking in held]
        if len(people) != len(set(people)):
            yield Violation("places", f"somebody holds {shift.code} twice")


def _most_at_once(bookings: list[Booking]) -> int:
    moments = [(booking.booked_at, 1) for booking in bookings]
    moments += [(booking.dropped_at - _LOCK_SECONDS, -1) for booking in bookings if booking.dropped_at is not None]
    held = most = 0
    for _, step in sorted(moments):
        held += step
        most = max(most, held)
    return most


def told_truly(evidence: Evidence) -> Iterator[Violation]:
    """Each booking and each drop was told once, and what was told is one."""
    told = _told(evidence)
    said = {kind: Counter((one.phone, one.code) for one in told if one.kind == kind) for kind in _PARTS}
    booked = Counter((booking.phone, booking.code) for booking in evidence.bookings)
    dropped = Counter((booking.phone, booking.code) for booking in evidence.bookings if booking.dropped_at is not None)
    for kind, happened in (("booked", booked), ("dropped", dropped)):
        for phone, code in happened.keys() | said[kind].keys():
            if happened[phone, code] != said[kind][phone, code]:
                times = said[kind][phone, code]
                what = f"{phone} was told {times} times that {code} is {kind}; it was {happened[phone, code]} times"
                texts = tuple(one.text for one in told if (one.phone, one.code) == (phone, code))
                yield Violation("told truly", what, texts)


def refused_truly(evidence: Evidence) -> Iterator[Violation]:
    """Who was told "not available" asked while every place was held; "already yours" while they held it."""
    places_of = {shift.code: shift.places for shift in evidence.shifts}
    for one in _told(evidence):
        since, until = one.inbound.stored_at - _LOCK_SECONDS, (one.inbound.routed_at or 0.0) + _LOCK_SECONDS
        during = [
            booking
            for booking in evidence.bookings
            if booking.code == one.code
            and booking.booked_at <= until
            and (booking.dropped_at is None or booking.dropped_at >= since)
        ]
        if one.kind == "full" and len(during) < places_of.get(one.code, 0):
            what = f"{one.phone} was told that {one.code} is taken while {len(during)} held it"
            yield Violation("refused truly", what, (one.text,), (one.inbound.inbound_id,))
        if one.kind == "yours" and one.phone not in {booking.phone for booking in during}:
            what = f"{one.phone} was told that {one.code} is theirs"
            yield Violation("refused truly", what, (one.text,), (one.inbound.inbound_id,))


RULES = (places, told_truly, refused_truly)
