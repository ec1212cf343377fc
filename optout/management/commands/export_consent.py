"""`manage.py export_consent`: the ledger as a file, however long it is."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.management.base import CommandParser
from django.db.models import Q, QuerySet

from messaging.management.arguments import moment, phone_number
from messaging.management.door import Door, Exit, as_line
from messaging.tables import csv_pieces
from optout.api.serializers import ConsentEventSerializer
from optout.history import CHUNK, rows
from optout.models import Action, ConsentEvent, Source

_FILTERS = {
    "phone_number": "phone_number",
    "action": "action__in",
    "source": "source__in",
    "after": "occurred_at__gte",
    "before": "occurred_at__lt",
}


class Command(Door):
    """Reads only, a few thousand rows at a time."""

    help = (
        "Write the history of consent as CSV, oldest first: the same file as in the admin. With --json one line "
        "for each event. Memory does not grow with the rows."
    )
    examples = (
        "export_consent --output consent.csv",
        "export_consent --action opt_out --after 2026-07-01T00:00:00Z | gzip > july.csv.gz",
        "export_consent --phone-number +14255550182 --json",
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """As the parameters of GET /api/v1/consent/history/, and where to."""
        super().add_arguments(parser)
        parser.add_argument(
            "--output", default="", metavar="FILE", help="instead of stdout; it appears once it is whole"
        )
        parser.add_argument("--phone-number", type=phone_number, metavar="NUMBER")
        parser.add_argument("--from", dest="origination_identity", metavar="OURS", help="what concerns this number")
        parser.add_argument("--action", action="append", choices=Action.values)
        parser.add_argument("--source", action="append", choices=Source.values, help="may be given several times")
        parser.add_argument("--after", type=moment, metavar="TIME", help="said then or later, ISO 8601 with offset")
        parser.add_argument("--before", type=moment, metavar="TIME", help="said before")

    def perform(self, options: Mapping[str, Any]) -> None:
        """Piece by piece."""
        events = _found(options)
        pieces = _lines(events) if options["json"] else csv_pieces(rows(events))
        if not options["output"]:
            for piece in pieces:
                self.stdout.write(piece, ending="")
            return
        try:
            with _whole(Path(options["output"])) as file:
                for piece in pieces:
                    file.write(piece)
        except OSError as problem:
            raise self.refuse(Exit.INPUT, f"{options['output']} cannot be written: {problem.strerror}.") from problem
        self.remark(f"Written: {options['output']}")


def _found(options: Mapping[str, Any]) -> QuerySet[ConsentEvent]:
    events = ConsentEvent.objects.filter(
        **{lookup: options[name] for name, lookup in _FILTERS.items() if options[name]}
    )
    if identity := options["origination_identity"]:
        events = events.filter(Q(origination_identity=identity) | Q(every_number=True))
    return events


def _lines(events: QuerySet[ConsentEvent]) -> Iterator[str]:
    for event in events.order_by("occurred_at", "id").iterator(chunk_size=CHUNK):
        yield as_line(ConsentEventSerializer(event).data)


@contextmanager
def _whole(path: Path) -> Iterator[IO[str]]:
    """A file for its owner's eyes that takes its name when nothing went wrong: half a ledger is never taken for all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8", newline="") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
