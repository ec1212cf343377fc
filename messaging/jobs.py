"""What RQ runs: thin functions that take a name and call one function. Each may be repeated at will."""

import logging
import time

from messaging import clock, counted, registry, wakeups

logger = logging.getLogger(__name__)


def run(name: str) -> None:
    """Look at one list of waiting work."""
    wakeups.looking(name)
    began, result = time.monotonic(), "failed"
    try:
        registry.work_lists()[name].run()
        result = "done"
    finally:
        counted.JOBS.observe(time.monotonic() - began, name, result)


def sweep() -> None:
    """Wake every list that has work. Run every two seconds: losing Redis costs seconds, never a message."""
    now = clock.now()
    for name, work_list in registry.work_lists().items():
        try:
            due = work_list.is_due(now)
        except Exception:
            # One broken list must not keep the others asleep.
            logger.exception("Cannot tell whether %s has work", name)
            continue
        if due:
            wakeups.wake_now(name)
    wakeups.swept()
