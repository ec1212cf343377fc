"""Who may be given a place on a shift: those who are free at that time first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from messaging import clock
from messaging.selectors import phone_numbers_meant
from shifts import booking
from shifts.booking import Verdict
from shifts.models import Booking, Employee, Shift

# So many are looked at, and so few shown: a suggestion is no directory. Typing finds the others.
_LOOKED_AT = 200
_SHOWN = 8
_FEWEST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """An employee who may be meant; ``note`` says whether they are free."""

    employee: Employee
    free: bool
    note: str


def suggest(shift: Shift, typed: str = "", *, parts_of_numbers: bool = False) -> list[Candidate]:
    """A few employees: those who are free first, then by name. Two queries, whose cost does not grow with the roster.

    Args:
        shift: that they may be given.
        typed: words of their name, or their phone number in any form; blank: whoever is approved.
        parts_of_numbers: whether a few digits of a number find it as well. Who may not see numbers must not find them
            out digit by digit.
    """
    now = clock.now()
    people = _found(typed.strip(), parts_of_numbers)
    held = _held_by(people, shift, now)
    found = []
    for employee in people:
        verdict, code = booking.judge(shift, held.get(employee.pk, []), now)
        if not employee.approved:
            found.append(Candidate(employee, False, "not approved"))
        else:
            found.append(Candidate(employee, verdict is Verdict.FREE, _NOTES[verdict].format(code=code)))
    return sorted(found, key=lambda one: (not one.free, str(one.employee).casefold()))[:_SHOWN]


_NOTES = {
    Verdict.FREE: "free at that time",
    Verdict.ALREADY_YOURS: "has it already",
    Verdict.OVERLAPS: "has {code} at that time",
    Verdict.NOT_AVAILABLE: "the shift has begun",
}


def _found(typed: str, parts_of_numbers: bool) -> Sequence[Employee]:
    people = Employee.objects.select_related("contact").order_by("pk")
    if not typed:
        return list(people.filter(approved=True)[:_LOOKED_AT])
    named = Q()
    for word in typed.split():
        named &= Q(contact__name__icontains=word)
    numbered = Q(contact__phone_number__in=phone_numbers_meant(typed))
    digits = "".join(character for character in typed if character.isdecimal())
    if parts_of_numbers and len(digits) >= _FEWEST_DIGITS and not any(one.isalpha() for one in typed):
        numbered |= Q(contact__phone_number__contains=digits)
    return list(people.filter(named | numbered)[:_LOOKED_AT])


def _held_by(people: Sequence[Employee], shift: Shift, now: datetime) -> dict[int, list[Shift]]:
    """What these hold that may be in the way, by employee. Index shifts_held_by."""
    matters = Q(shift=shift) | Q(shift__starts_at__gt=now) | Q(shift__ends_at__gt=now)
    held: dict[int, list[Shift]] = {}
    rows = Booking.objects.filter(matters, employee__in=[one.pk for one in people], dropped_at__isnull=True)
    for one in rows.select_related("shift"):
        held.setdefault(one.employee_id, []).append(one.shift)
    return held
