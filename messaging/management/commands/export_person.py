"""`manage.py export_person NUMBER`: all that is held of a person, as JSON, for whoever asks what we know of them."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from messaging.management.commands.erase_person import checked
from messaging.management.door import told_in_words
from messaging.privacy import erasing


class Command(BaseCommand):
    """Writes row by row: somebody may have a great many."""

    requires_system_checks = ()
    help = "Print all that is held of a person as one JSON object: table → rows. See docs/privacy.md."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom."""
        parser.add_argument("number", help="the phone number, in E.164: +14255550182")

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Print it. Tables without rows of theirs are left out."""
        number = checked(options["number"])
        with told_in_words():
            self._print(number)
            self.stdout.flush()

    def _print(self, number: str) -> None:
        self.stdout.write(f'{{"phone_number": {json.dumps(number)}, "held": [', ending="")
        separator = ""
        for label, rows in erasing.export(number):
            for row in rows:
                self.stdout.write(f"{separator}\n{json.dumps({'table': label, **row})}", ending="")
                separator = ","
        self.stdout.write("\n]}")
