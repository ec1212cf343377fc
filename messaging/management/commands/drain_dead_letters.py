"""`manage.py drain_dead_letters`: what SNS could not deliver comes back by the same verified way."""

import json
import sys
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from messaging.inbound import queues
from messaging.management.door import told_in_words

EXIT_LEFT = 2


class Command(BaseCommand):
    """Stores what can be stored, and says what could not and why. Safe at any time, and to repeat."""

    requires_system_checks = ()
    help = (
        "Fetch what SNS gave up delivering from the queue SQS_DEAD_LETTERS. Exit status 0: nothing is left, 2: "
        "something is. Where SQS_DEAD_LETTERS is set, workers do this by themselves every five minutes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to, and for how long."""
        parser.add_argument("--plan", action="store_true", help="only tell about how many there are")
        parser.add_argument("--seconds", type=int, default=3600, help="end after so many seconds (3600)")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Drain, and report."""
        arn = settings.MESSAGING.get("SQS_DEAD_LETTERS")
        if not arn:
            raise CommandError("Set SQS_DEAD_LETTERS to the ARN of the queue, as `manage.py provision_aws` prints it.")
        try:
            queue = queues.queue(arn)
            if options["plan"]:
                number = queue.waiting()
                self.stdout.write(
                    json.dumps({"waiting": number}) if options["json"] else f"About {number} dead letters."
                )
                return
            with told_in_words():
                taken = queue.drain(timedelta(seconds=options["seconds"]))
        except queues.NoQueue as problem:
            raise CommandError(f"SQS_DEAD_LETTERS: {problem}") from problem
        except (BotoCoreError, ClientError) as problem:
            raise CommandError(f"AWS: {problem}") from problem
        if options["json"]:
            self.stdout.write(json.dumps({"stored": taken.stored, "left": taken.left, "reasons": taken.reasons}))
        else:
            self.stdout.write(f"{taken.stored} stored, {taken.left} left in the queue.")
            for reason, number in taken.reasons.most_common():
                self.stdout.write(f"  {number} x {reason}")
        if taken.left:
            sys.exit(EXIT_LEFT)
