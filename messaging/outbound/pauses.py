"""Pausing a number's lane for a reason that a person must mend, and letting it go."""

import logging

from messaging import clock, wakeups
from messaging.models import Lane, OriginationIdentity

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
