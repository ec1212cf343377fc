"""What somebody should know before they send, though it keeps nothing from being sent. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from messaging import text
from shifts import times
from shifts.campaigns import quiet
from shifts.models import Shift

_LONG_SECONDS = 3600
_MOST_PLACES = 3


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known before sending.

    Attributes:
        body: the whole text.
        shifts: those of the campaign.
        at: when it is to be sent, aware; None: now.
        whereabouts: people who would be texted, by where their numbers are.
        seconds: how long sending takes; None when it is not known.
        others: what those read whose text is another: the language's name → the whole text.
    """

    body: str
    now: datetime
    shifts: Sequence[Shift] = ()
    at: datetime | None = None
    whereabouts: Mapping[quiet.Where, int] = field(default_factory=dict)
    seconds: int | None = None
    others: Mapping[str, str] = field(default_factory=dict)


def cautions(situation: Situation) -> tuple[str, ...]:
    """Sentences for staff, each with what to do about it."""
    return tuple(
        sentence
        for found in (
            *(_encoding(situation.body), _languages(situation), _shifts(situation)),
            *(_past(situation), _night(situation), _slow(situation)),
        )
        for sentence in found
    )


def _languages(situation: Situation) -> Iterator[str]:
    """Languages whose text is dearer than the campaign's own."""
    own = text.measure(situation.body)
    for language, body in situation.others.items():
        size = text.measure(body)
        if size.encoding != own.encoding and size.encoding != text.GSM:
            yield from (f"In {language}: {sentence}" for sentence in _encoding(body))
        elif size.parts > own.parts:
            yield f"In {language} it is {_parts(size.parts)}, and {_parts(own.parts)} in the campaign's own words."


def _encoding(body: str) -> Iterator[str]:
    size = text.measure(body)
    if size.encoding == text.GSM:
        return
    plain = "".join("?" if text.measure(one).encoding != text.GSM else one for one in body)
    parts = text.measure(plain).parts
    told = f"Fewer characters fit into a part (UCS-2) because of: {text.rare(body)}"
    yield f"{told} Without them it is {_parts(parts)} instead of {size.parts}." if parts < size.parts else told


def _shifts(situation: Situation) -> Iterator[str]:
    begun = [one.shift_id for one in situation.shifts if times.has_begun(one, situation.now)]
    taken = [one.shift_id for one in situation.shifts if one.places_left < 1 and one.shift_id not in begun]
    if begun:
        yield f"{_listed(begun)} begun and cannot be booked any more: the text does not name {_them(begun)}."
    if taken:
        yield f"{_listed(taken)} no place left: the text does not name {_them(taken)}."


def _past(situation: Situation) -> Iterator[str]:
    if situation.at is not None and situation.at <= situation.now:
        yield "Its time has passed: it would be sent at once."


def _night(situation: Situation) -> Iterator[str]:
    at = situation.at if situation.at is not None and situation.at > situation.now else situation.now
    found = quiet.nights(situation.whereabouts, at)
    if not found:
        return
    people = sum(one.people for one in found)
    clocks = ", ".join(f"{one.clock} in {one.place}" for one in found[:_MOST_PLACES])
    when = "It is night now" if at == situation.now else "It is night then"
    who = "1 person" if people == 1 else f"{people:,} people"
    yield (
        f"{when} for {who} ({clocks}). Texts between {quiet.BEGINS}:00 and {quiet.ENDS}:00 wake people, and some "
        "countries forbid them."
    )


def _slow(situation: Situation) -> Iterator[str]:
    if situation.seconds is not None and situation.seconds > _LONG_SECONDS:
        yield (
            f"Sending takes {situation.seconds / _LONG_SECONDS:.1f} hours at the pace (MPS) of the numbers it leaves "
            "from. A shorter text, or a number with more MPS, is quicker."
        )


def _parts(parts: int) -> str:
    return f"{parts} part" if parts == 1 else f"{parts} parts"


def _listed(codes: Sequence[str]) -> str:
    return f"{', '.join(codes)} {'has' if len(codes) == 1 else 'have'}"


def _them(codes: Sequence[str]) -> str:
    return "it" if len(codes) == 1 else "them"
