"""Why nothing, or not everything, is sent from a number.

Paused until a person has mended something; held until a guard can be asked; limited to urgent texts by a budget.

A pause ends when somebody resumes the number. A hold is only a word to staff: the drainer that wrote it tries again by
itself every few seconds, and whoever drains the lane takes it away when the guards have answered. Neither touches the
other.
"""

import logging

from django.db.models import DateTimeField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce

from messaging import clock, wakeups
from messaging.models import Lane, OriginationIdentity, OutboundMessage, Status
from messaging.models.numbers import ALL_PRIORITIES

logger = logging.getLogger(__name__)


def pause(identity: str, reason: str) -> bool:
    """Stop claiming texts of this number until somebody resumes it. Returns whether it was running before."""
    number = OriginationIdentity.objects.filter(identity=identity).first()
    if number is None:
        return False
    Lane.objects.get_or_create(origination_identity=number)
    paused = Lane.objects.filter(origination_identity=number, paused_at__isnull=True).update(
        paused_at=clock.now(), paused_reason=reason[:300]
    )
    if paused:
        logger.error("Sending from %s is paused: %s", identity, reason)
    return bool(paused)


def resume(identity: str) -> bool:
    """Let a paused number go on. Returns whether it was paused."""
    resumed = Lane.objects.filter(origination_identity__identity=identity, paused_at__isnull=False).update(
        paused_at=None, paused_reason=""
    )
    if resumed:
        wakeups.wake("lanes")
    return bool(resumed)


def hold(identity: str, reason: str) -> None:
    """Say why nothing is sent from this number for the moment; ``held_at`` stays when it was held before."""
    since = Coalesce("held_at", Value(clock.now(), output_field=DateTimeField()))
    Lane.objects.filter(origination_identity__identity=identity).update(held_at=since, held_reason=reason[:300])


def let_go(identity: str) -> None:
    """Take back what ``hold`` said."""
    _let_go(Lane.objects.filter(origination_identity__identity=identity, held_at__isnull=False))


def limit(identity: str, below: int, reason: str) -> None:
    """Claim only texts more urgent than a priority from this number; ``limited_at`` stays as it was."""
    number = OriginationIdentity.objects.filter(identity=identity).first()
    if number is None:
        return
    Lane.objects.get_or_create(origination_identity=number)
    since = Coalesce("limited_at", Value(clock.now(), output_field=DateTimeField()))
    Lane.objects.filter(origination_identity=number).update(
        limited_at=since, limited_reason=reason[:300], below_priority=below
    )
    logger.warning("Only urgent texts leave from %s: %s", identity, reason)


def unlimit(identity: str) -> None:
    """Take back what ``limit`` said."""
    freed = Lane.objects.filter(origination_identity__identity=identity, limited_at__isnull=False).update(
        limited_at=None, limited_reason="", below_priority=ALL_PRIORITIES
    )
    if freed:
        wakeups.wake("lanes")


def idle_holds() -> QuerySet[Lane]:
    """The held lanes in which no text waits any more: nobody would ask the guards again, and they would stay held."""
    waiting = OutboundMessage.objects.filter(
        origination_identity=OuterRef("origination_identity__identity"), status=Status.QUEUED, withheld=False
    )
    return Lane.objects.filter(~Exists(waiting), held_at__isnull=False)


def let_go_of_idle() -> None:
    """Take back what ``hold`` said of lanes in which nothing waits any more."""
    # Asked first: an UPDATE of nothing would still wait for SQLite's one writer, after each drain.
    if idle_holds().exists():
        _let_go(idle_holds())


def _let_go(lanes: QuerySet[Lane]) -> None:
    lanes.update(held_at=None, held_reason="")
