"""`manage.py import_pinpoint`: what Amazon Pinpoint and its samples have left behind, brought in."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import CommandParser

from config.masking import loosely_masked
from incidents.pinpoint import IncidentTable
from messaging.exports import Run, Source, bring_in
from messaging.exports.progress import Shown
from messaging.exports.reporting import reporting
from messaging.exports.run import sums
from messaging.management.arguments import moment
from messaging.management.door import Door, Exit
from messaging.models import OriginationIdentity
from messaging.outbound.guards import CannotBeTold
from optout.pinpoint import ConsentTable, OptOutLists
from optout.pinpoint.table import FIELDS
from shifts.pinpoint import Endpoints, Shifts

# Kinds of reasons that are told at the end; all rows stand in the report.
_MOST_REASONS = 20


class Command(Door):
    """Which source; the rest is messaging.exports."""

    help = (
        "Bring in what Amazon Pinpoint has left behind: files or directories, CSV or JSON, packed with gzip or not. "
        "Nobody is texted. A second run changes nothing, and one that was interrupted is just begun anew. What is not "
        "taken is told with file, line and reason. docs/moving-from-pinpoint.md goes through it step by step."
    )
    examples = (
        "import_pinpoint segment export/ --segment 'Night nurses' --plan --report left.csv",
        "import_pinpoint opt-outs default-list.json --every-number",
        "import_pinpoint consent dynamodb/ --from +14255550100 --time-zone America/New_York",
        "import_pinpoint shifts scan.json --add-employees --as olga",
        "import_pinpoint incidents AWSDynamoDB/01700000000000-a1b2c3d4/data --ended-at 2026-10-30T00:00:00Z --json",
    )
    permission = "shifts.add_rosterimport"
    refusals = {CannotBeTold: Exit.UNAVAILABLE, FileNotFoundError: Exit.ABSENT}

    def add_arguments(self, parser: CommandParser) -> None:
        """What the files are, and what they do not say themselves."""
        super().add_arguments(parser)
        parser.add_argument("source", choices=list(_SOURCES), help="what the files are")
        parser.add_argument("paths", nargs="+", type=Path, metavar="path", help="files, or directories of files")
        parser.add_argument("--plan", action="store_true", help="write nothing; tell what would be taken")
        parser.add_argument(
            "--report", type=Path, metavar="FILE", help="what is not taken: file, line, reason; .csv, or .jsonl"
        )
        parser.add_argument(
            "--whole-numbers", action="store_true", help="in the report: phone numbers as they are, not masked"
        )
        parser.add_argument("--segment", metavar="NAME", help="segment: into which one of ours; made when absent")
        parser.add_argument(
            "--from", dest="ours", action="append", default=[], metavar="OURS",
            help="opt-outs, consent: our number that it is about; of opt-outs several",
        )  # fmt: skip
        parser.add_argument("--every-number", action="store_true", help="opt-outs: about every number of ours")
        parser.add_argument(
            "--field", action="append", default=[], type=_field, metavar="FIELD=NAME",
            help=f"consent: what the table calls a field ({', '.join(FIELDS)})",
        )  # fmt: skip
        parser.add_argument("--time-zone", type=_zone, metavar="ZONE", help="consent: of times that do not say theirs")
        parser.add_argument("--add-employees", action="store_true", help="shifts: whoever has one becomes an employee")
        parser.add_argument("--ended-at", type=moment, metavar="TIME", help="incidents: when those without one ended")
        parser.add_argument(
            "--opened-field", default="", metavar="NAME", help="incidents: the attribute that says when it was opened"
        )

    def needed(self, options: Mapping[str, Any]) -> Sequence[str]:
        """What doing the same in the admin needs, for each thing that is changed or shown."""
        return [
            *_PERMISSIONS[options["source"]],
            *(["shifts.add_employee"] if options["source"] == "shifts" and options["add_employees"] else []),
            *(["messaging.see_phone_numbers"] if options["whole_numbers"] else []),
        ]

    def perform(self, options: Mapping[str, Any]) -> None:
        """Batch by batch; then the sums."""
        source = self._source(options)
        run = Run(plan=options["plan"], actor=self.actor)
        said = str if options["whole_numbers"] else loosely_masked
        shown = Shown(lambda text: self.stderr.write(text, str, ""), is_terminal=self.stderr.isatty())
        try:
            with reporting(options["report"], said) as run.report:
                bring_in(source, options["paths"], run, shown)
        except PermissionError as problem:
            raise self.refuse(Exit.INPUT, f"{problem.filename} cannot be used: {problem.strerror}.") from problem
        finally:
            shown.end()
        self.print({"plan": run.plan, "counts": run.counts, "not_taken": run.reasons}, self._told(run))

    def _told(self, run: Run) -> list[str]:
        lines = [("It would be: " if run.plan else "") + (sums(run) or "There is no row.")]
        lines += [f"  not taken, {count}: {reason}" for reason, count in run.reasons.most_common(_MOST_REASONS)]
        return lines

    def _source(self, options: Mapping[str, Any]) -> Source:
        chosen = options["source"]
        ours = options["ours"]
        known = set(OriginationIdentity.objects.filter(identity__in=ours).values_list("identity", flat=True))
        if unknown := [identity for identity in ours if identity not in known]:
            raise self.refuse(Exit.ABSENT, f"{unknown[0]} is none of our numbers. manage.py numbers lists them.")
        if chosen == "segment" and not options["segment"]:
            raise self.refuse(Exit.INPUT, "Into which segment? --segment 'Night nurses'")
        if chosen == "opt-outs" and bool(ours) == options["every_number"]:
            raise self.refuse(Exit.INPUT, "Whose list is it? --from +14255550100, once for each, or --every-number")
        if chosen == "consent" and len(ours) > 1:
            raise self.refuse(Exit.INPUT, "A table that does not say the number is about one: give --from once.")
        return _SOURCES[chosen](options)


def _field(value: str) -> tuple[str, str]:
    field, _, name = value.partition("=")
    if field not in FIELDS or not name:
        raise argparse.ArgumentTypeError(f"{value!r} is not FIELD=NAME, with FIELD one of {', '.join(FIELDS)}.")
    return field, name


def _zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise argparse.ArgumentTypeError(
            f"There is no time zone {value!r}: write America/New_York, or UTC."
        ) from problem


# A list may tell who has opted out, whoever imports it: so it is on the page for lists, and in the API.
_PERMISSIONS = {
    "segment": ["shifts.add_rosterimport"],
    "opt-outs": ["optout.add_consentevent"],
    "consent": ["optout.add_consentevent"],
    "shifts": ["shifts.add_shift", "shifts.change_shift"],
    "incidents": ["incidents.add_incident"],
}
_SOURCES: dict[str, Callable[[Mapping[str, Any]], Source]] = {
    "segment": lambda options: Endpoints(options["segment"]),
    "opt-outs": lambda options: OptOutLists(options["ours"]),
    "consent": lambda options: ConsentTable(
        dict(options["field"]), ours=next(iter(options["ours"]), ""), zone=options["time_zone"]
    ),
    "shifts": lambda options: Shifts(add_employees=options["add_employees"]),
    "incidents": lambda options: IncidentTable(ended_at=options["ended_at"], opened_at_field=options["opened_field"]),
}
