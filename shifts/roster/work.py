"""The list of files that wait to be checked or imported."""

from datetime import datetime

from messaging import clock
from shifts.roster import uploads


class Imports:
    """Files to be checked, and files to be imported."""

    name, queue = uploads.WORK, "slow"

    def is_due(self, now: datetime) -> bool:
        """Whether a file waits, or is being worked on: nobody else would notice that its worker has died."""
        return bool(uploads.waiting())

    def run(self) -> None:
        """Work on what waits and nobody else works on."""
        for pk in uploads.waiting():
            if clock.stop_requested():
                return
            uploads.work_on(pk)
