"""What people are told about shifts. Values in, words out; our own words are GSM-7 (tests/shifts/test_texts).

Whatever they asked for, the text is one that AWS takes: what does not fit is counted ("and 12 more").
"""

from collections.abc import Callable, Sequence
from datetime import timedelta, tzinfo

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as later

from messaging.text import measure
from shifts.booking import Dropped, Summary
from shifts.models import Shift

# Said as they are: _(NOT_A_CODE).
NOT_AUTHORISED = later("NOT-AUTHORISED please contact the administrator")
NOT_A_CODE = later("This is not a valid shift code, please reply by typing REQUEST to view the available shifts")
NO_SHIFTS = later("There are no shifts at this time")
THE_END = later("These were all the shifts. REQUEST lists them again.")
NOTHING_HELD = later("You hold no shifts. REQUEST lists those you can book.")

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
        return _(NOT_A_CODE)
    return _most_that_fits(lambda most: _("Request summary - ") + _SEPARATOR.join(_summary_parts(result, most)))


def _summary_parts(result: Summary, most: int) -> list[str]:
    in_the_way = list(dict.fromkeys(held for _code, held in result.overlapping))
    named, others = in_the_way[:most], in_the_way[most:]
    return _parts(
        most,
        (_("Shift booked: "), result.booked),
        (_("Already yours: "), result.already_yours),
        (_("Shift not available: "), result.not_available),
        *(
            (
                _("Overlaps with %(code)s: ") % {"code": held},
                [code for code, other in result.overlapping if other == held],
            )
            for held in named
        ),
        (_("Overlaps with others: "), [code for code, other in result.overlapping if other in others]),
        (_("Shift doesn't exist: "), result.unknown),
    )


def dropped(result: Dropped) -> str:
    """What became of the codes somebody gave back."""
    return _most_that_fits(
        lambda most: (
            _("Drop summary - ")
            + _SEPARATOR.join(
                _parts(
                    most,
                    (_("Given back: "), result.dropped),
                    (_("Not yours: "), result.not_held),
                    (_("Has begun, please tell your staff: "), result.begun),
                    (_("Shift doesn't exist: "), result.unknown),
                )
            )
        )
    )


def held(shifts: Sequence[Shift], zone: tzinfo) -> str:
    """The shifts somebody holds, their times told by the clock of a zone."""
    if not shifts:
        return _(NOTHING_HELD)
    return _listed(_("Your shifts:"), shifts, zone, _("To give one back, reply DROP and its code."))


def how_to_drop(shifts: Sequence[Shift], zone: tzinfo) -> str:
    """To somebody who holds these shifts and does not say which to drop."""
    if not shifts:
        return _(NOTHING_HELD)
    opening = _("To give a shift back, reply for example DROP %(code)s. Your shifts:")
    return _listed(opening % {"code": shifts[0].shift_id}, shifts, zone)


def how_to_book(code: str) -> str:
    """To somebody who texted this code with words that we do not understand."""
    sentence = _("To book, reply with the codes only, e.g. %(code)s. To give one back: DROP %(code)s.")
    return sentence % {"code": code}


def footer(*, more: bool) -> str:
    """What a list of shifts that can be booked ends with."""
    sentence = _("Reply with the codes you want.")
    return f"{sentence} {_('MORE lists the rest.')}" if more else sentence


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
        return format_date(start, _DAY)
    end = shift.ends_at.astimezone(zone)
    # The next morning needs no date.
    ending = _TIME if shift.ends_at - shift.starts_at < timedelta(days=1) else _DAY
    return f"{format_date(start, _DAY)}-{format_date(end, ending)}"


def _parts(most: int, *parts: tuple[str, Sequence[str]]) -> list[str]:
    return [opening + _codes(codes, most) for opening, codes in parts if codes]


def _codes(codes: Sequence[str], most: int) -> str:
    shown = ", ".join(codes[:most])
    if len(codes) <= most:
        return shown
    return _("%(codes)s and %(count)s more") % {"codes": shown, "count": len(codes) - most}


def _listed(opening: str, shifts: Sequence[Shift], zone: tzinfo, ending: str = "") -> str:
    lines = [line(shift, zone, most=_MOST_INFORMATION_HELD) for shift in shifts]

    def body(most: int) -> str:
        left = len(lines) - most
        rest = _("and %(count)s more") % {"count": left} if left > 0 else ""
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
