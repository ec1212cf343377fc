"""Reads of shifts and employees."""

from collections.abc import Collection

from django.db.models.functions import Upper

from shifts.models import Shift


def existing(codes: Collection[str]) -> list[str]:
    """Those of these codes, in any case, that are shifts; as they are stored."""
    wanted = [code.upper() for code in codes]
    return list(Shift.objects.annotate(code=Upper("shift_id")).filter(code__in=wanted).values_list("shift_id", flat=True))
