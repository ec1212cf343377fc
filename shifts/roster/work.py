"""The list of files that wait to be checked or imported."""

from datetime import datetime

from messaging import wakeups
from shifts.roster import uploads


class Imports:
    """Files to be checked, and files to be imported."""

    name, queue = uploads.WORK, "slow"

    def is_due(self, now: datetime) -> bool:
        """Whether a file waits, or is being worked on: nobody else would notice that its worker has died."""
        return bool(uploads.waiting())

    def run(self) -> None:
        """Work on the oldest file that nobody else works on. The next is a job of its own: RQ ends long ones."""
        taken = next((pk for pk in uploads.waiting() if uploads.work_on(pk)), None)
        # A file that is left for later wakes nobody by itself: that would be without a pause.
        if taken is not None and set(uploads.waiting()) - {taken}:
            wakeups.wake_now(self.name)
