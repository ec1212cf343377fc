"""The ledger as a table: what the admin's download and the command write."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from optout.models import ConsentEvent

COLUMNS = (
    *("phone_number", "origination_identity", "every_number", "action", "word", "text", "source", "actor", "reason"),
    *("occurred_at", "recorded_at"),
)
# In memory at a time.
CHUNK = 2000


def rows(events: QuerySet[ConsentEvent]) -> Iterator[tuple[Any, ...]]:
    """The header, and the events oldest first."""
    yield COLUMNS
    # In order of time by the index: nothing is sorted, and no more than a chunk is in memory.
    yield from events.order_by("occurred_at", "id").values_list(*COLUMNS).iterator(chunk_size=CHUNK)
