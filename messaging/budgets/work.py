"""The list of budgets to be looked at. Registered in settings.MESSAGING["WORK_LISTS"]."""

from datetime import datetime, timedelta

from messaging import wakeups
from messaging.budgets import enforcing

_SLICE = timedelta(seconds=1)


class Budgets:
    """Budgets that nobody has looked at for some seconds."""

    # Not slow: a receiver of webhooks that takes its time must not keep a budget from stopping campaigns.
    name, queue = "budgets", "default"

    def is_due(self, now: datetime) -> bool:
        """Whether one was not looked at lately."""
        return enforcing.is_due(now)

    def run(self) -> None:
        """Count, judge, stop or let go."""
        if enforcing.look(_SLICE):
            wakeups.wake_now(self.name)
