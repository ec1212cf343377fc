"""The list of calls that Amazon Connect is to be asked for."""

from datetime import datetime

from messaging import clock, wakeups
from shifts.calls import callbacks
from shifts.calls.connect import AmazonConnect


class CallBacks:
    """People who texted AGENT and whom Connect is to call."""

    name, queue = callbacks.WORK_LIST, "slow"

    def __init__(self) -> None:
        # Made once in a process, and with it the client.
        self._connect = AmazonConnect()

    def is_due(self, now: datetime) -> bool:
        """Whether a call waits to be placed."""
        return callbacks.due(now).exists()

    def run(self) -> None:
        """Place the call that is due longest. The next is a run of its own: Connect may take ten seconds for each."""
        if callbacks.place_next(self._connect.start) and self.is_due(clock.now()):
            wakeups.wake_now(self.name)
