"""The writer of shifts, but for the places taken (shifts.booking)."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from messaging import registry
from messaging.inbound.keywords import HELP
from messaging.models import Keyword
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


class InUse(Exception):
    """A shift is kept because somebody booked it; the sentence says what to do."""


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
