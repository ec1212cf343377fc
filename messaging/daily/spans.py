"""The rows of a span of time in a table without an index by time: their keys grow with it, nearly."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

# Transactions that began earlier may commit later: keys are out of order by as long as one lasts.
_OUT_OF_ORDER = timedelta(minutes=10)


def within(rows: QuerySet[Any], field: str, begin: datetime, end: datetime) -> QuerySet[Any]:
    """The rows with ``begin <= field < end``; reads few others: some twenty by key, and minutes' worth."""
    first = _first_key(rows, field, begin - _OUT_OF_ORDER)
    after = _first_key(rows, field, end + _OUT_OF_ORDER)
    span = {"pk__gte": first, "pk__lt": after, f"{field}__gte": begin, f"{field}__lt": end}
    found: QuerySet[Any] = rows.filter(**span)
    return found


def _first_key(rows: QuerySet[Any], field: str, moment: datetime) -> int:
    """The key before which rows are older than a moment."""
    by_key = rows.order_by("pk")
    # From the first key there is: old rows may have been deleted, and keys are never used again.
    first, last = (rows.order_by(order).values_list("pk", flat=True).first() or 0 for order in ("pk", "-pk"))
    low, high = first, last + 1
    while low < high:
        middle = (low + high) // 2
        found = by_key.filter(pk__gte=middle).values_list("pk", field).first()
        if found is None or found[1] >= moment:
            high = middle
        else:
            low = found[0] + 1
    return low
