"""`manage.py receive_sqs`: the process that reads texts and delivery events from SQS, where no webhook is exposed."""

import logging
import signal
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from messaging import clock, pulse
from messaging.inbound import queues

logger = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0


class Command(BaseCommand):
    """Reads until it is asked to end (SIGTERM, Ctrl-C), which takes five seconds at most, and no new question to SQS.

    What it has taken and not deleted by then comes again by itself, and is stored once.
    """

    requires_system_checks = ()
    help = "Read the queue SQS_INBOUND by long polling, for INBOUND=sqs. Run as many as the load needs."

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Take, store, delete; wait where SQS or the database is away."""
        if not settings.MESSAGING.get("SQS_INBOUND"):
            raise CommandError("Set SQS_INBOUND to the ARN of the queue, as `manage.py provision_aws --sqs` prints it.")
        try:
            queue = queues.queue(settings.MESSAGING["SQS_INBOUND"])
        except queues.NoQueue as problem:
            raise CommandError(f"SQS_INBOUND: {problem}") from problem
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: clock.request_stop())
        pause = 0.0
        while not clock.stop_requested():
            pulse.beat()
            pause = self._look(queue, pause)
            clock.sleep(pause)

    def _look(self, queue: queues.Queue, pause: float) -> float:
        """Take once; returns the seconds to wait before the next."""
        close_old_connections()
        try:
            taken = queue.take()
        except (BotoCoreError, ClientError) as problem:
            logger.warning("SQS could not be read: %s", problem)
            return min(max(2 * pause, _FIRST_PAUSE), _LONGEST_PAUSE)
        # Where nothing can be stored, taking more would only hide more.
        return min(max(2 * pause, _FIRST_PAUSE), _LONGEST_PAUSE) if taken.left and not taken.stored else 0.0
