"""Work without wake-ups: what a worker does while Redis is away or takes no writes.

Rows are the truth, so a worker that nobody can wake looks for itself, as often as the sweep would. Texts, replies and
timers then wait a few seconds longer than usual, and never for Redis.
"""

import logging
import time
from collections.abc import Callable, Collection

from django.db import close_old_connections

from config.processes.cron import SWEEP_SECONDS
from messaging import clock, registry

logger = logging.getLogger(__name__)


def lookout(queues: Collection[str]) -> Callable[[float], None]:
    """A function that looks at the lists of these queues whenever SWEEP_SECONDS have passed, and does what is due.

    It takes the seconds for which Redis has been missed: a shorter absence is nothing to it.
    """
    looked_at = float("-inf")

    def look(missed: float) -> None:
        nonlocal looked_at
        if missed < SWEEP_SECONDS or time.monotonic() - looked_at < SWEEP_SECONDS:
            return
        try:
            close_old_connections()
            _look(queues)
        except Exception:
            # Whatever it is, the worker must be there when Redis is back.
            logger.exception("Looking for work without Redis failed; it is tried again")
        finally:
            close_old_connections()
            looked_at = time.monotonic()

    return look


def _look(queues: Collection[str]) -> None:
    for name, work_list in registry.work_lists().items():
        if work_list.queue not in queues or clock.stop_requested():
            continue
        try:
            if work_list.is_due(clock.now()):
                work_list.run()
        except Exception:
            # As in the sweep: one broken list must not keep the others asleep.
            logger.exception("Looking at %s without Redis failed; it is looked at again", name)
