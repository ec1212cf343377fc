"""The lists of people to be erased, and of days on which old rows are. Registered in settings.MESSAGING["WORK_LISTS"].

Both are long work: a slice at a time, then other lists of the worker have their turn.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import QuerySet

from messaging import clock, wakeups
from messaging.models import ErasureRequest
from messaging.privacy import erasing, retention

logger = logging.getLogger(__name__)

_SLICE = timedelta(seconds=3)


class Erasures:
    """People who are to be erased."""

    name, queue = erasing.LIST, "slow"

    def is_due(self, now: datetime) -> bool:
        """Whether somebody waits."""
        return _due(now).exists()

    def run(self) -> None:
        """A slice of each."""
        for pk in list(_due(clock.now()).values_list("pk", flat=True)):
            try:
                erasing.go_on(pk, _SLICE)
            except erasing.NotNow:
                logger.info("Erasure %s has to wait", pk)
            except ErasureRequest.DoesNotExist:
                logger.info("Erasure %s was ended by somebody else", pk)
        if _due(clock.now()).exists() and not clock.stop_requested():
            wakeups.wake_now(self.name)


class Retention:
    """Rows that are older than they are kept."""

    name, queue = "retention", "slow"

    def is_due(self, now: datetime) -> bool:
        """Whether it is time for a run, or one is under way."""
        return retention.is_due(now)

    def run(self) -> None:
        """A slice."""
        if not retention.is_due(clock.now()):
            return
        if retention.go_on(_SLICE) is None and not clock.stop_requested():
            wakeups.wake_now(self.name)


def _due(now: datetime) -> QuerySet[ErasureRequest]:
    return ErasureRequest.objects.filter(next_try_at__lte=now).order_by("pk")
