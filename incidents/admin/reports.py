"""Reports as files."""

import csv
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(name: str, rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A CSV file to download; the first row is the header."""
    answer = HttpResponse(
        content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
    writer = csv.writer(answer)
    for row in rows:
        writer.writerow([_harmless(cell) for cell in row])
    return answer


def _harmless(cell: Any) -> str:
    """A name that a spreadsheet would run as a formula is kept from it. A phone number is no formula."""
    text = "" if cell is None else str(cell)
    if text.startswith(_FORMULA) and not text[1:].isdecimal():
        return f"'{text}"
    return text
