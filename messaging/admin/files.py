"""Tables as files to download."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import StreamingHttpResponse

from messaging.tables import csv_pieces


def as_csv(name: str, rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """A CSV file to download, written while it is sent; the first row is the header. See messaging.tables."""
    return StreamingHttpResponse(
        csv_pieces(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
