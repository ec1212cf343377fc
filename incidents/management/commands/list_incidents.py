"""`manage.py list_incidents`: which are open, which were, and what became of them."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from django.core.management.base import CommandParser

from incidents import selectors
from incidents.api.serializers import IncidentSerializer
from incidents.models import Incident, Status
from messaging.management.arguments import count, moment
from messaging.management.door import Door, columns

_LIMIT = 50
# As many are in memory at a time, with their timelines.
_CHUNK = 200
_HEADER = ("INCIDENT", "STATUS", "OPENED", "TAKEN BY", "DESCRIPTION")


class Command(Door):
    """Reads only."""

    help = "List incidents, the newest first. With --json one line for each, as the API shows it, timeline included."
    examples = (
        "list_incidents --status not_acknowledged",
        "list_incidents --after 2026-07-01T00:00:00Z --all --json | jq -r .acknowledged_by | sort | uniq -c",
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """As the parameters of GET /api/v1/incidents/."""
        super().add_arguments(parser)
        parser.add_argument("--status", action="append", choices=Status.values, help="may be given several times")
        parser.add_argument("--after", type=moment, metavar="TIME", help="opened then or later, ISO 8601 with offset")
        parser.add_argument("--before", type=moment, metavar="TIME", help="opened before")
        how_many = parser.add_mutually_exclusive_group()
        how_many.add_argument("--limit", type=count, default=_LIMIT, help=f"how many at most; {_LIMIT} unless given")
        how_many.add_argument("--all", action="store_true", help="every one")

    def perform(self, options: Mapping[str, Any]) -> None:
        """A few hundred at a time, however many there are."""
        incidents = selectors.with_everything() if options["json"] else Incident.objects.all()
        for name, lookup in (("status", "status__in"), ("after", "opened_at__gte"), ("before", "opened_at__lt")):
            if options[name]:
                incidents = incidents.filter(**{lookup: options[name]})
        rows = incidents.order_by("-id").iterator(chunk_size=_CHUNK)
        shown = rows if options["all"] else islice(rows, options["limit"])
        if options["json"]:
            for incident in shown:
                self.print(IncidentSerializer(incident).data, ())
        else:
            while chunk := list(islice(shown, _CHUNK)):
                self.print(None, columns(_HEADER, *map(_cells, chunk)))
        if not options["all"] and next(rows, None) is not None:
            self.remark(f"These are the newest {options['limit']}; --limit and --all show more.")


def _cells(incident: Any) -> tuple[str, ...]:
    opened = f"{incident.opened_at:%Y-%m-%dT%H:%M:%SZ}"
    return incident.incident_id, incident.status, opened, incident.acknowledged_by or "-", incident.description
