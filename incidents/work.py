"""The list of incidents whose wait is over."""

from datetime import datetime, timedelta

from incidents import lifecycle, selectors
from incidents.models import Incident
from messaging import clock, wakeups

# RQ's scheduler truncates to whole seconds, so a wake-up may come up to a second early: what is due within this is
# waited for. Sleeping costs a worker, so not for longer than _MOST_SLEEP in one run.
_AHEAD = timedelta(seconds=1.2)
_MOST_SLEEP = 2.0
# A run ends after this long even if more is due, and wakes the next: a worker that is asked to end is not kept.
_LONGEST_RUN = timedelta(seconds=3)


class DueIncidents:
    """Incidents whose next step is due."""

    name, queue = "incidents", "timers"

    def is_due(self, now: datetime) -> bool:
        """Whether an incident's wait is over, or about to be."""
        return Incident.objects.filter(next_step_at__lte=now + _AHEAD).exists()

    def run(self) -> None:
        """Run what is due, and what is about to be; never early. Sees to it that somebody looks again for the rest."""
        began, slept = clock.now(), 0.0
        while not clock.stop_requested() and clock.now() - began < _LONGEST_RUN:
            if lifecycle.run_due(clock.now()):
                continue
            due = selectors.next_due_at()
            if due is None or due > clock.now() + _AHEAD:
                break
            # Due already, and yet not run: another worker is at it. Look again a little later.
            pause = max((due - clock.now()).total_seconds(), 0.05)
            if slept + pause > _MOST_SLEEP:
                break
            clock.sleep(pause)
            slept += pause
        if (due := selectors.next_due_at()) is not None:
            wakeups.wake_at(self.name, due)
