"""`python manage.py rebuild_consent`: derive every state of consent anew from the ledger, and prove them equal."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from optout import rebuilding

_MOST_SHOWN = 20


class Command(BaseCommand):
    """Compares what the ledger says with the states that guard and pages read; mends what differs unless --check."""

    # A line of its own is what a job reads; what the project lacks otherwise is said elsewhere.
    requires_system_checks = ()
    help = "Derive the states of consent anew from the ledger, mend what differs, and prove them equal."

    def add_arguments(self, parser: CommandParser) -> None:
        """With --check nothing is written."""
        parser.add_argument("--check", action="store_true", help="only compare; exit with 1 when something differs")

    def handle(self, *arguments: Any, check: bool, **options: Any) -> None:
        """Print what differed, and the proof."""
        try:
            self._compare(check=check)
        except DatabaseError as problem:
            raise CommandError(
                f"Consent cannot be read: {problem}. Is Textback running on another database? Set the same "
                "DATABASE_URL here. If it never ran: `make serve`, or `manage.py migrate`, makes the tables.",
                returncode=2,
            ) from problem

    def _compare(self, *, check: bool) -> None:
        differ = 0
        for difference in rebuilding.differences():
            differ += 1
            if differ <= _MOST_SHOWN:
                self.stdout.write(str(difference))
            if not check:
                rebuilding.mend(difference)
        if differ > _MOST_SHOWN:
            self.stdout.write(f"... and {differ - _MOST_SHOWN} more")
        if differ and check:
            raise CommandError(f"States that differ from the ledger: {differ}. rebuild_consent mends them.")
        if differ and any(rebuilding.differences()):
            raise CommandError("Some states still differ. If people are texting just now, run it again; else tell us.")
        events, states = rebuilding.sizes()
        self.stdout.write(f"{events} events, {states} states: equal." + (f" Mended: {differ}." if differ else ""))
