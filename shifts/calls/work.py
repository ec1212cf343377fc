"""The list of calls that Amazon Connect is to be asked for."""

from datetime import datetime, timedelta

from messaging import clock, wakeups
from shifts.calls import callbacks
from shifts.calls.connect import AmazonConnect

# A run ends after this long even if more is due, and wakes the next: others wait in this queue, and RQ ends long jobs.
_LONGEST_RUN = timedelta(seconds=20)


class CallBacks:
    """People who texted AGENT and whom Connect is to call."""

    name, queue = callbacks.WORK_LIST, "default"

    def __init__(self) -> None:
        # Made once in a process, and with it the client.
        self._connect = AmazonConnect()

    def is_due(self, now: datetime) -> bool:
        """Whether a call waits to be placed."""
        return callbacks.due(now).exists()

    def run(self) -> None:
        """Place the calls that are due."""
        began = clock.now()
        while not clock.stop_requested() and clock.now() - began < _LONGEST_RUN:
            if not callbacks.place_next(self._connect.start):
                return
        if self.is_due(clock.now()):
            wakeups.wake_now(self.name)
