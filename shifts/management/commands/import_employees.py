"""`manage.py import_employees`: a CSV file of people into a segment, whole or not at all."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from messaging.management.arguments import content
from messaging.management.door import Door, Exit
from messaging.outbound.guards import CannotBeTold
from shifts import roster

_MOST_SHOWN = 20


class Command(Door):
    """A door to shifts.roster."""

    help = (
        "Import a CSV file (name,phone_number,approved,language; or a segment of Amazon Pinpoint) into a segment, "
        "which is made when there is none. With one error nothing is imported. The same file again changes nothing."
    )
    examples = (
        "import_employees nurses.csv --segment 'Night nurses' --plan",
        "hr-export | manage.py import_employees - --segment 'Night nurses' --json",
    )
    permission = "shifts.add_rosterimport"
    refusals = {CannotBeTold: Exit.UNAVAILABLE}

    def add_arguments(self, parser: CommandParser) -> None:
        """As POST /api/v1/segments/{name}/import/."""
        super().add_arguments(parser)
        parser.add_argument("file", type=content, help="of at most 20 MB; - is standard input")
        parser.add_argument("--segment", required=True, metavar="NAME")
        parser.add_argument("--plan", action="store_true", help="only tell what it would do")

    def perform(self, options: Mapping[str, Any]) -> None:
        """Errors on stderr, each with its line; in JSON as the API answers them."""
        if options["plan"]:
            report = roster.check(options["file"], segment=options["segment"])
        else:
            report = roster.run(options["file"], segment=options["segment"], actor=self.actor)
        if report.errors_total:
            self._refused(report)
            raise self.refuse(Exit.INPUT, f"Errors: {report.errors_total}. Nothing was imported.")
        counts = report.counts()
        would = "would be " if options["plan"] else ""
        told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count)
        self.print(counts, [f"{options['segment']}: {would}{told}"])

    def _refused(self, report: roster.Report) -> None:
        if self.in_json:
            self.print({"errors": [one.as_dict() for one in report.errors], "total": report.errors_total}, ())
            return
        for problem in report.errors[:_MOST_SHOWN]:
            column = f", {problem.column}" if problem.column else ""
            self.remark(f"line {problem.line}{column}: {problem.message}")
