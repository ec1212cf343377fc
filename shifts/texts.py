"""What people are told about shifts. Values in, words out; our own words are GSM-7 (tests/shifts/test_texts).

Whatever they asked for, the text is one that AWS takes: what does not fit is counted ("and 12 more"). In the language
that is spoken: see messaging.phrases.speaking.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, tzinfo

from django.utils.dateformat import format as format_date

from messaging.phrases import Phrase, fitting
from messaging.text import measure, without_rare_accents
from shifts import phrases
from shifts.booking import Dropped, Summary
from shifts.models import Shift

_ELLIPSIS = "..."
_MOST_NAMED = 100
_SEPARATOR = " | "
_DAY = "D j M H:i"
_TIME = "H:i"
# As much as a shift's information may have.
_MOST_INFORMATION = 300
# Of a shift somebody holds already: so much fits a text whatever characters it is of.
_MOST_INFORMATION_HELD = 100


def summary(result: Summary) -> str:
    """What became of the codes somebody texted."""
    if not any((result.booked, result.already_yours, result.not_available, result.overlapping)):
        return phrases.NOT_A_CODE.say()
    return _joined(phrases.SUMMARY, lambda most: _summary_parts(result, most))


def _summary_parts(result: Summary, most: int) -> list[str]:
    in_the_way = list(dict.fromkeys(held for _code, held in result.overlapping))
    named, others = in_the_way[:most], in_the_way[most:]
    return _parts(
        most,
        (phrases.BOOKED.say(), result.booked),
        (phrases.ALREADY_YOURS.say(), result.already_yours),
        (phrases.NOT_AVAILABLE.say(), result.not_available),
        *(
            (phrases.OVERLAPS.say(code=held), [code for code, other in result.overlapping if other == held])
            for held in named
        ),
        (phrases.OVERLAPS_OTHERS.say(), [code for code, other in result.overlapping if other in others]),
        (phrases.UNKNOWN.say(), result.unknown),
    )


def dropped(result: Dropped) -> str:
    """What became of the codes somebody gave back."""
    return _joined(phrases.DROP_SUMMARY, lambda most: _dropped_parts(result, most))


def _dropped_parts(result: Dropped, most: int) -> list[str]:
    return _parts(
        most,
        (phrases.DROPPED.say(), result.dropped),
        (phrases.NOT_YOURS.say(), result.not_held),
        (phrases.BEGUN.say(), result.begun),
        (phrases.UNKNOWN.say(), result.unknown),
    )


def held(shifts: Sequence[Shift], zone: tzinfo) -> str:
    """The shifts somebody holds, their times told by the clock of a zone."""
    if not shifts:
        return phrases.NOTHING_HELD.say()
    return fitting(lambda: _listed(phrases.HELD.say(), shifts, zone, phrases.HOW_TO_DROP.say()))


def how_to_drop(shifts: Sequence[Shift], zone: tzinfo) -> str:
    """To somebody who holds these shifts and does not say which to drop."""
    if not shifts:
        return phrases.NOTHING_HELD.say()
    return fitting(lambda: _listed(phrases.WHICH_TO_DROP.say(code=shifts[0].shift_id), shifts, zone))


def how_to_book(code: str) -> str:
    """To somebody who texted this code with words that we do not understand."""
    return fitting(lambda: phrases.HOW_TO_BOOK.say(code=code))


def footer(*, more: bool) -> str:
    """What a list of shifts that can be booked ends with."""
    sentence = phrases.REPLY_WITH_CODES.say()
    return f"{sentence} {phrases.MORE_LISTS.say()}" if more else sentence


def line(shift: Shift, zone: tzinfo, *, most: int = _MOST_INFORMATION) -> str:
    """A shift as lists show it: "XYZ123: Night, ward 3 (Mon 7 Jul 22:00-06:00)".

    Args:
        shift: which.
        zone: whose clock its times are told by.
        most: how many characters of its information are said.
    """
    info = " ".join(shift.shift_info.split())
    if len(info) > most:
        info = info[:most].rstrip() + _ELLIPSIS
    when = _when(shift, zone)
    return shift.shift_id + (f": {info}" if info else "") + (f" ({when})" if when else "")


def _when(shift: Shift, zone: tzinfo) -> str:
    if shift.starts_at is None:
        return ""
    start = shift.starts_at.astimezone(zone)
    if shift.ends_at is None:
        return _date(start, _DAY)
    end = shift.ends_at.astimezone(zone)
    # The next morning needs no date.
    ending = _TIME if shift.ends_at - shift.starts_at < timedelta(days=1) else _DAY
    return f"{_date(start, _DAY)}-{_date(end, ending)}"


def _date(at: datetime, template: str) -> str:
    # Spanish for Saturday, French for August: one letter that GSM-7 lacks would halve what fits into a part.
    return without_rare_accents(format_date(at, template))


def _joined(opening: Phrase, parts: Callable[[int], list[str]]) -> str:
    return fitting(lambda: _most_that_fits(lambda most: f"{opening.say()} {_SEPARATOR.join(parts(most))}"))


def _parts(most: int, *parts: tuple[str, Sequence[str]]) -> list[str]:
    return [f"{opening} {_codes(codes, most)}" for opening, codes in parts if codes]


def _codes(codes: Sequence[str], most: int) -> str:
    shown = ", ".join(codes[:most])
    if len(codes) <= most:
        return shown
    return phrases.CODES_AND_MORE.say(codes=shown, count=len(codes) - most)


def _listed(opening: str, shifts: Sequence[Shift], zone: tzinfo, ending: str = "") -> str:
    lines = [line(shift, zone, most=_MOST_INFORMATION_HELD) for shift in shifts]

    def body(most: int) -> str:
        left = len(lines) - most
        rest = phrases.AND_MORE.say(count=left) if left > 0 else ""
        return "\n".join(part for part in (opening, *lines[:most], rest, ending) if part)

    return _most_that_fits(body)


def _most_that_fits(body: Callable[[int], str]) -> str:
    """The longest of these bodies that AWS takes; each names at most so many."""
    if measure(longest := body(_MOST_NAMED)).fits:
        return longest
    best, low, high = body(1), 1, _MOST_NAMED - 1
    while low < high:
        middle = (low + high + 1) // 2
        if measure(longer := body(middle)).fits:
            best, low = longer, middle
        else:
            high = middle - 1
    return best
