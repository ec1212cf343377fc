"""The lists of waiting work of webhooks. Registered in settings.MESSAGING["WORK_LISTS"]."""

from datetime import datetime, timedelta

from messaging import wakeups
from messaging.events import claiming, pruning
from messaging.events.delivering import Deliverer
from messaging.events.publishing import WORK_LIST

_SLICE = timedelta(seconds=0.5)


class Webhooks:
    """Events that wait for endpoints that may be called now."""

    name, queue = WORK_LIST, "slow"

    def is_due(self, now: datetime) -> bool:
        """Whether an endpoint may be called now, and something waits for it."""
        return claiming.due(now).exists()

    def run(self) -> None:
        """Deliver, for a while."""
        if Deliverer().run():
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
