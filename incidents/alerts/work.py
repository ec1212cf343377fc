"""The list of alerts that wait, of troubles whose window has ended, and of storms that nobody was told of."""

import logging
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError

from incidents.alerts import handling, intake
from messaging import clock, wakeups

logger = logging.getLogger(__name__)

# A run ends after this long even if more waits, and wakes the next: a worker that is asked to end is not kept.
_LONGEST_RUN = timedelta(seconds=5)


class WaitingAlerts:
    """Alerts that nobody has looked at yet."""

    name, queue = intake.WORK_LIST, "timers"

    def __init__(self) -> None:
        # Across runs: where a few alerts of one source take a whole run, the next begins with another source.
        self._had_their_turn: set[int] = set()

    def is_due(self, now: datetime) -> bool:
        """Whether anything waits."""
        return bool(handling.sources_with_work(now))

    def run(self) -> None:
        """Work what waits, source by source; what is left after a while is for the next run."""
        began = clock.now()
        stuck: set[int] = set()
        while sources := [key for key in handling.sources_with_work(clock.now()) if key not in stuck]:
            for source in self._in_turn(sources):
                if clock.stop_requested():
                    return
                if clock.now() - began > _LONGEST_RUN:
                    wakeups.wake_now(self.name)
                    return
                self._had_their_turn.add(source)
                # Locked by another worker, who sees to the rest; or left for the sweep.
                if not _work_some(source):
                    stuck.add(source)

    def _in_turn(self, sources: list[int]) -> list[int]:
        if self._had_their_turn.issuperset(sources):
            self._had_their_turn.clear()
        return sorted(sources, key=self._had_their_turn.__contains__)


def _work_some(source: int) -> bool:
    try:
        return handling.work_some(source, clock.now())
    except ValidationError as problem:
        # A storm that nobody can be told of keeps no other source waiting; the audit tells of it.
        logger.error("Alerts over the limit of source %s are told to nobody: %s", source, " ".join(problem.messages))
        return False
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        # Likewise; of an alert or a trouble nothing comes here, so this is the storm too.
        logger.exception("Alerts over the limit of source %s are told to nobody", source)
        return False
