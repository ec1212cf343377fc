"""The lists of waiting work of webhooks. Registered in settings.MESSAGING["WORK_LISTS"]."""

from datetime import datetime, timedelta

from messaging import clock, wakeups
from messaging.events import claiming, deleting, dropping, endpoints, pruning
from messaging.events.delivering import Deliverer
from messaging.events.publishing import WORK_LIST

_SLICE = timedelta(seconds=0.5)
# To count what waits is not done at each sweep.
_COUNTED_EVERY = timedelta(minutes=1)


class Webhooks:
    """Events that wait for endpoints that may be called now.

    On a queue of its own: a receiver takes up to 15 s for an answer, and nothing else must wait for that.
    """

    name, queue = WORK_LIST, "webhooks"

    def is_due(self, now: datetime) -> bool:
        """Whether an endpoint may be called now, and something waits for it."""
        return claiming.due(now).exists()

    def run(self) -> None:
        """Deliver, for a while."""
        if Deliverer().run() and not clock.stop_requested():
            wakeups.wake_now(self.name)


class OldDeliveries:
    """Deliveries that ended long ago."""

    name, queue = "old-webhooks", "slow"

    def is_due(self, now: datetime) -> bool:
        """Whether there is something to forget."""
        return pruning.old(now).exists()

    def run(self) -> None:
        """Forget it, for a while."""
        if pruning.prune(_SLICE):
            wakeups.wake_now(self.name)


class DeletedEndpoints:
    """What is left of endpoints that were deleted."""

    name, queue = endpoints.DELETED, "slow"

    def is_due(self, now: datetime) -> bool:
        """Whether something is left."""
        return deleting.deleted().exists()

    def run(self) -> None:
        """Delete it, for a while."""
        if deleting.delete_rest(_SLICE):
            wakeups.wake_now(self.name)


class DroppedDeliveries:
    """What has waited too long for endpoints that are off."""

    name, queue = "dropped-webhooks", "slow"

    def __init__(self) -> None:
        self._counted_at: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Whether something is too old; and, once a minute, whether it is too much."""
        if dropping.too_old(now).exists():
            return True
        # A clock that was set back must not make an old look last.
        if self._counted_at is not None and timedelta(0) <= now - self._counted_at < _COUNTED_EVERY:
            return False
        self._counted_at = now
        return dropping.too_many().exists()

    def run(self) -> None:
        """Drop it, for a while."""
        if dropping.drop(_SLICE):
            wakeups.wake_now(self.name)
