"""`manage.py audit`: whether what the database says is consistent, and nothing is stuck or lost."""

import sys
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from messaging import audit
from messaging.audit import report

# Whoever waits longer than this wants to know what for.
_LONG_SECONDS = 2.0


class Command(BaseCommand):
    """Prints what is wrong and what to do. Reads only, so that it may run at any time, beside everything else."""

    # What it prints is read by machines; what the project lacks otherwise is said elsewhere.
    requires_system_checks = ()
    help = (
        "Prove that what the database says is consistent and that nothing is stuck or lost. Exit status, as monitoring "
        "plugins have it: 0 ok, 1 warning, 2 critical, 3 a check could not be made."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """For machines, and for whoever knows that no work is under way."""
        parser.add_argument("--only", default="", metavar="NAME", help="the checks alone whose name begins so")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
        parser.add_argument(
            "--at-rest",
            action="store_true",
            help="no work is under way: what is not done is a finding, however young it is",
        )

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Audit, print, and exit with the status."""
        try:
            self._refuse_an_empty_database()
        except DatabaseError as problem:
            raise CommandError(
                f"The database cannot be read: {problem}. Is Textback running on another? Set the same DATABASE_URL.",
                returncode=report.EXIT_INCOMPLETE,
            ) from problem
        result = audit.perform(at_rest=options["at_rest"], only=options["only"], progress=_Progress(self.stderr.write))
        if not result.checked and not result.errors:
            raise CommandError(
                f"No check has a name that begins with {options['only']}.", returncode=report.EXIT_INCOMPLETE
            )
        if options["json"]:
            self.stdout.write(report.as_json(result))
        else:
            for line in report.as_text(result):
                self.stdout.write(line)
        if status := report.exit_status(result):
            sys.exit(status)

    def _refuse_an_empty_database(self) -> None:
        """Without this a wrong DATABASE_URL would be an audit of which every check failed."""
        name = Path(str(connection.settings_dict["NAME"]))
        if connection.vendor == "sqlite" and not name.exists():
            raise DatabaseError(f"there is no {name}")
        if "messaging_outboundmessage" not in connection.introspection.table_names():
            raise DatabaseError("it has no tables; `make serve`, or `manage.py migrate`, makes them")


class _Progress:
    """Says on stderr what is being checked, once that has taken a while."""

    def __init__(self, write: Any) -> None:
        self._write, self._began = write, monotonic()

    def __call__(self, name: str) -> None:
        if monotonic() - self._began > _LONG_SECONDS:
            self._write(f"… {name}")
