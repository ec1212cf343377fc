"""Whether anybody wants to hear of a type of event, as this process last looked.

A campaign moves a million texts, and asking for each batch would cost a query each: all types that are wanted are read
at once, when the last look is older than a second. So whoever subscribes is heard within a second everywhere; in the
process that wrote it, at once. Who receives an event is decided by the statement that writes it, never from memory.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from messaging import clock
from messaging.compiled import Compiled
from messaging.models import WebhookSubscription

LOOK_AGAIN = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Look:
    """What was there at a time. Replaced as a whole: threads see the old types or the new ones, nothing between."""

    at: datetime | None
    types: frozenset[str]


class _Memory:
    look = _Look(None, frozenset())


_memory = _Memory()


def wanted(event_type: str) -> bool:
    """Whether an endpoint wants to hear of events of this type. One that Textback has switched off does, for later."""
    at, now = _memory.look.at, clock.now()
    # A clock that was set back must not make an old look last.
    if at is None or not timedelta(0) <= now - at < LOOK_AGAIN:
        _memory.look = _Look(now, frozenset(name for (name,) in _TYPES.rows()))
    return event_type in _memory.look.types


_KEPT_FOR = Q(endpoint__disabled_at__isnull=True) | Q(endpoint__disabled_by="")
_TYPES = Compiled(lambda: WebhookSubscription.objects.filter(_KEPT_FOR).order_by().values_list("event_type").distinct())


def forget() -> None:
    """Have them read again before the next event; and once more after the commit, should others look meanwhile."""
    _forget()
    transaction.on_commit(_forget)


def _forget() -> None:
    _memory.look = _Look(None, frozenset())
