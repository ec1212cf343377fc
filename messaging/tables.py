"""Tables as CSV, piece by piece: what the admin lets people download, and commands write."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import Any

# What a spreadsheet takes for the beginning of a formula; a phone number or a figure is none.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-][0-9]+")
# Enough for a network to carry at once; the rows of a file are never all in memory.
_PIECE = 32_768


def csv_pieces(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Rows as CSV; the first is the header. A piece holds whole rows.

    No cell is run as a formula by a spreadsheet. A phone number stays as it is, a moment is ISO 8601 in UTC.
    """
    piece = StringIO(newline="")
    writer = csv.writer(piece)
    for row in rows:
        writer.writerow(cells(row))
        if piece.tell() >= _PIECE:
            yield piece.getvalue()
            piece.seek(0)
            piece.truncate()
    yield piece.getvalue()


def cells(row: Iterable[Any]) -> list[str]:
    """The cells of a row, none of which a spreadsheet runs as a formula."""
    return [_harmless(_text(cell)) for cell in row]


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return "" if cell is None else str(cell)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text
