"""The list of days to be counted for reports."""

from datetime import datetime, timedelta

from incidents.reports import kept
from messaging import clock, wakeups

# A run ends after this long even if more days are to be counted, and wakes the next: other lists share the worker.
_LONGEST_RUN = timedelta(seconds=5)


class ReportedDays:
    """Days that are over and not counted yet, or of which an incident has changed since."""

    name, queue = "reported-days", "slow"

    def is_due(self, now: datetime) -> bool:
        """Whether a day is to be counted."""
        return kept.is_due(now)

    def run(self) -> None:
        """Count, for a while."""
        ends_at = clock.now() + _LONGEST_RUN
        while kept.count_next(clock.now()):
            if clock.now() >= ends_at or clock.stop_requested():
                wakeups.wake_now(self.name)
                return
