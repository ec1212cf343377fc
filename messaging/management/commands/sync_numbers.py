"""`manage.py sync_numbers`: the phone numbers and sender IDs of the AWS account, mirrored into Textback."""

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from messaging import pools
from messaging.aws import mirror, numbers
from messaging.aws.mirror import Step
from messaging.aws.session import Session
from messaging.management.door import told_in_words

_SIGNS = {"add": "+", "change": "~", "missing": "?", "same": " "}


class Command(BaseCommand):
    """Reads the account, shows what differs, and unless asked only to plan writes it down."""

    help = (
        "Mirror phone numbers, pools and sender IDs of the AWS account: kind, country, MPS, two-way, opt-outs, state. "
        "What staff decide (active, a lower rate, the default) is kept."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to write, and for whom to print."""
        parser.add_argument("--plan", action="store_true", help="only show what would be done")
        parser.add_argument("--region", default="", help="default: AWS_REGION")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Read, show, write."""
        session = Session(options["region"])
        if not session.region:
            raise CommandError("No region is set. Set AWS_REGION, or give --region.")
        with told_in_words():
            self._mirror(session, options)

    def _mirror(self, session: Session, options: dict[str, Any]) -> None:
        try:
            said = mirror.facts(numbers.owned(session), numbers.pools(session), numbers.sender_ids(session))
        except (BotoCoreError, ClientError) as problem:
            raise CommandError(f"AWS: {problem}") from problem
        steps = mirror.plan(said)
        if not options["plan"]:
            try:
                mirror.apply(steps)
            except ValidationError as problem:
                raise CommandError(f"Nothing was written: {'; '.join(problem.messages)}") from problem
        # As the database has it now: a plan changes no pool.
        rules = pools.rules_without_numbers()
        if options["json"]:
            told = {"numbers": [vars(step) for step in steps], "rules": rules}
            self.stdout.write(json.dumps({"written": not options["plan"], **told}))
            return
        for step in steps:
            self._show(step)
        counts = ", ".join(f"{sum(step.do == do for step in steps)} {word}" for do, word in _WORDS.items())
        self.stdout.write(f"{counts}.{' Nothing was written.' if options['plan'] else ''}")
        for rule in rules:
            self.stdout.write(rule)

    def _show(self, step: Step) -> None:
        self.stdout.write(f"{_SIGNS[step.do]} {step.identity}")
        for name, value in step.after.items():
            if step.do == "change":
                self.stdout.write(f"-   {name}: {step.before[name]}")
            self.stdout.write(f"+   {name}: {value}")
        for note in step.notes:
            self.stdout.write(f"  # {note}")


_WORDS = {"add": "new", "change": "changed", "same": "as they were", "missing": "not in the account"}
