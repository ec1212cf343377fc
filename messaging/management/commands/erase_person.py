"""`manage.py erase_person NUMBER --reason …`: erase a person, or say what that would do."""

import getpass
import json
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from messaging.management.door import told_in_words
from messaging.models import ErasureRequest, PrivacyRecord
from messaging.privacy import erasing
from messaging.validators import validate_phone_number

_SLICE = timedelta(seconds=3)
_REFUSED = 3


class Command(BaseCommand):
    """Through the same function as the admin. It may be run again at any time: what is done stays done."""

    requires_system_checks = ()
    help = (
        "Erase a person by their phone number. What must be kept, and why: docs/privacy.md. Exit status 3: something "
        "stands in the way."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom, why, and how."""
        parser.add_argument("number", help="the phone number, in E.164: +14255550182")
        parser.add_argument("--reason", default="", help="why, for the record; the number itself is left out of it")
        parser.add_argument("--actor", default="", help="who asked for it; else the user of this machine")
        parser.add_argument("--plan", action="store_true", help="only say what is held, and what stands in the way")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
        parser.add_argument(
            "--end-open",
            action="store_true",
            help="withdraw waiting texts, give back shifts to come, decline open incidents for them, close call backs",
        )

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Plan, or erase to the end."""
        number = checked(options["number"])
        if not options["plan"] and not options["reason"].strip():
            raise CommandError("Give a --reason. It stands in the record, without the number.")
        with told_in_words():
            if options["plan"]:
                self._plan(number, options["json"])
            else:
                self._request(number, options)

    def _request(self, number: str, options: dict[str, Any]) -> None:
        try:
            row = erasing.request(
                number,
                reason=options["reason"],
                actor=options["actor"] or getpass.getuser(),
                end_open=options["end_open"],
            )
            record = self._erase(row, options["json"]) if row else None
        except erasing.NotNow as refused:
            raise CommandError(" ".join(refused.reasons), returncode=_REFUSED) from refused
        self._done(record, options["json"])

    def _erase(self, row: ErasureRequest, as_json: bool) -> PrivacyRecord | None:
        number = row.phone_number
        try:
            while (record := erasing.go_on(row.pk, _SLICE)) is None:
                row.refresh_from_db()
                if not as_json:
                    self.stdout.write(f"So far: {_in_words(row.counts)}")
        except ErasureRequest.DoesNotExist:
            # A worker was quicker.
            latest: PrivacyRecord | None = erasing.erased_before(number).first()
            return latest
        return record

    def _plan(self, number: str, as_json: bool) -> None:
        plan = erasing.plan(number)
        before = [record.at.isoformat() for record in plan.erased_before]
        if as_json:
            found = {
                "rows": dict(plan.counts),
                "obstacles": list(plan.obstacles),
                "under_way": plan.under_way,
                "erased_before": before,
            }
            self.stdout.write(json.dumps(found))
            return
        self.stdout.write(f"Held: {_in_words(plan.counts)}")
        for sentence in plan.obstacles:
            self.stdout.write(f"In the way: {sentence}")
        if plan.under_way:
            self.stdout.write("An erasure is under way.")
        for moment in before:
            self.stdout.write(f"Erased before: {moment}")

    def _done(self, record: PrivacyRecord | None, as_json: bool) -> None:
        counts = dict(record.counts) if record else {}
        if as_json:
            self.stdout.write(json.dumps({"erased": counts, "record": record.pk if record else None}))
        elif record is None:
            self.stdout.write("Nothing is held of this number.")
        else:
            self.stdout.write(
                f"Erased: {_in_words(counts)}. Record {record.pk}; the rows are called {record.stand_in}."
            )


def checked(number: str) -> str:
    """The number, if it is one.

    Raises:
        CommandError: it is none.
    """
    try:
        validate_phone_number(number)
    except ValidationError as problem:
        raise CommandError(f"{number!r}: {problem.messages[0]}") from problem
    return number


def _in_words(counts: dict[str, int] | Any) -> str:
    return ", ".join(f"{label} {rows}" for label, rows in sorted(counts.items())) or "nothing"
