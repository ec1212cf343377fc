"""The writer of shifts, but for the places taken (shifts.booking)."""

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from itertools import islice

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from messaging import registry
from messaging.inbound.keywords import HELP
from messaging.models import Keyword
from shifts import copies, selectors
from shifts.models import Shift
from shifts.understanding import Command, Meaning, is_reserved, understand

# Where a form shows what a constraint of the database forbids.
_FIELDS = {
    "shifts_code_unique_in_any_case": "shift_id",
    "shifts_at_least_one_place": "places",
    "shifts_no_place_twice": "places",
    "shifts_end_after_start": "ends_at",
}
# What staff never decide: booked is the bookings' own, and changes while somebody edits the rest.
_NOT_OURS = ("id", "booked", "created_at")
_FIRST_LOOK, _WIDER = 64, 4


class InUse(Exception):
    """A shift is kept because somebody booked it; the sentence says what to do."""


class NotRepeated(Exception):
    """Copies of a shift cannot be added; by day, what is wrong and what to do."""

    def __init__(self, problems: Mapping[date, Sequence[str]]) -> None:
        super().__init__(" ".join(reason for reasons in problems.values() for reason in reasons))
        self.problems = problems


@transaction.atomic
def save(shift: Shift) -> Shift:
    """Save a new or edited shift. A place booked or dropped since it was read stays as it is.

    Raises:
        ValidationError: field by field, what is wrong and what to do.
    """
    before = None
    if not shift._state.adding:
        # Until we are through, nobody takes a place: whether there are enough of them stays true.
        before = Shift.objects.select_for_update(no_key=True).filter(pk=shift.pk).first()
        if before is None:
            raise ValidationError("This shift was deleted in the meantime. Add it again if it is still needed.")
        shift.booked = before.booked
    _check(shift, before)
    try:
        with transaction.atomic():
            if before is None:
                shift.save(force_insert=True)
            else:
                columns = (column.name for column in Shift._meta.concrete_fields)
                shift.save(update_fields=[name for name in columns if name not in _NOT_OURS])
    except IntegrityError:
        # Somebody gave another shift this code in the same moment.
        _check(shift, before)
        raise
    return shift


@transaction.atomic
def delete(shift: Shift) -> None:
    """Delete a shift that nobody ever booked. Deleting it twice is no error.

    Raises:
        InUse: somebody has or had a place on it.
    """
    # Whoever is booking it now is waited for.
    row = Shift.objects.select_for_update().filter(pk=shift.pk).first()
    if row is None:
        return
    try:
        row.delete()
    except ProtectedError as problem:
        raise InUse(
            f"{row.shift_id} was booked, and bookings are kept. Instead of deleting it, take its people off and give "
            "it a start that has passed: nobody can book it then."
        ) from problem


def free_codes(shift: Shift, count: int) -> list[str]:
    """Codes for so many copies of a shift, that nobody has and everybody can text; fewer if they would be too long."""
    found: list[str] = []
    following, size = copies.following(shift.shift_id), _FIRST_LOOK
    # Each look is wider than the one before: behind N1 a hundred thousand codes may be taken.
    while len(found) < count and (batch := list(islice(following, size))):
        size *= _WIDER
        there = {code.upper() for code in selectors.existing(batch)}
        free = (code for code in batch if code.upper() not in there and not _taken(code))
        found += islice(free, count - len(found))
    return found


def repeat(shift: Shift, days: Mapping[date, str], zone: tzinfo) -> list[Shift]:
    """Add a shift like this one on each of these days, at the same time of the clock in a zone; all of them, or none.

    Args:
        shift: with a start.
        days: of the copies, each with its code.
        zone: whose days these are.

    Raises:
        NotRepeated: by day, what is wrong and what to do; nothing is added.
    """
    problems: dict[date, list[str]] = {}
    added: list[Shift] = []
    with transaction.atomic():
        for day, code in days.items():
            assert shift.starts_at is not None
            starts_at, ends_at = copies.moved(shift.starts_at, shift.ends_at, day, zone)
            copy = Shift(
                shift_id=code, shift_info=shift.shift_info, starts_at=starts_at, ends_at=ends_at, places=shift.places
            )
            try:
                added.append(save(copy))
            except ValidationError as problem:
                problems[day] = problem.messages
        if problems:
            raise NotRepeated(problems)
    return added


def _check(shift: Shift, before: Shift | None) -> None:
    problems: dict[str, list[str]] = {}
    try:
        shift.full_clean(validate_constraints=False)
    except ValidationError as invalid:
        problems = dict(invalid.message_dict)
    for constraint in Shift._meta.constraints:
        try:
            constraint.validate(Shift, shift, exclude=set(problems))
        except ValidationError as invalid:
            problems.setdefault(_FIELDS.get(constraint.name, NON_FIELD_ERRORS), []).extend(invalid.messages)
    is_new_code = before is None or before.shift_id.upper() != shift.shift_id.upper()
    # What became reserved since it was given may stay: people have been told that code.
    if "shift_id" not in problems and is_new_code and (reason := _taken(shift.shift_id)):
        problems["shift_id"] = [reason]
    if problems:
        raise ValidationError(dict(problems))


def _taken(code: str) -> str:
    """Why nobody could book a shift by this code; "" if they can."""
    word = code.upper()
    if is_reserved(code) or word == HELP:
        return f"{code} means something else when people text it. Choose another code."
    if reasons := [reason for one in registry.interceptors() if (reason := one.reserves(word))]:
        return reasons[0].replace("Choose another word.", "Choose another code.")
    if Keyword.objects.filter(word__iexact=code).exists():
        return f"{code} is a keyword and answered as such. Choose another code, or delete the keyword first."
    if understand(code, [code]) != Meaning(Command.BOOK, (code,)):
        return f"{code} reads as a telephone number when people text it, so nobody could book it. Choose another code."
    return ""
