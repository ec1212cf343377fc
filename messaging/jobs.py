"""What RQ runs: thin functions that take a name and call one function. Each may be repeated at will."""

import logging
import time

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from messaging import clock, counted, registry, wakeups
from messaging.inbound import queues

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


def drain_dead_letters() -> None:
    """Fetch what SNS could not deliver. Run every five minutes where there is a queue of dead letters."""
    try:
        taken = queues.queue(settings.MESSAGING["SQS_DEAD_LETTERS"]).drain()
    except (BotoCoreError, ClientError) as problem:
        logger.warning("The dead letters could not be fetched: %s", problem)
        return
    if taken.all:
        logger.warning("Dead letters: %s stored, %s left in the queue", taken.stored, taken.left)
