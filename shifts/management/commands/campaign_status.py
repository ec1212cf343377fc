"""`manage.py campaign_status`: how far a campaign is, once or until it is sent."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from messaging import clock
from messaging.management.arguments import count
from messaging.management.door import Door, Exit
from shifts.management.showing import as_json, details, find
from shifts.models import Campaign, Status

_EVERY_SECONDS = 2
_OVER = (Status.SENT, Status.CANCELLED)


class Command(Door):
    """Reads only."""

    help = (
        "Tell how far a campaign is. --follow prints a line whenever something has changed, until every text has left; "
        "it ends with 4 when the campaign was cancelled, or is a draft that nobody has sent."
    )
    examples = (
        "campaign_status july",
        "campaign_status july --follow && echo sent",
        "campaign_status july --json | jq .counts.delivered",
    )
    refusals = {Campaign.DoesNotExist: Exit.ABSENT}

    def add_arguments(self, parser: CommandParser) -> None:
        """Once, or again and again."""
        super().add_arguments(parser)
        parser.add_argument("campaign_id")
        parser.add_argument("--follow", action="store_true", help="go on until it is sent")
        parser.add_argument("--every", type=count, default=_EVERY_SECONDS, metavar="SECONDS", help="how often to look")

    def perform(self, options: Mapping[str, Any]) -> None:
        """A look is a handful of queries by index, whatever the campaign's size."""
        shown = as_json(find(options["campaign_id"]))
        self.print(shown, details(shown))
        while options["follow"] and shown["status"] not in _OVER:
            if shown["status"] == Status.DRAFT:
                raise self.refuse(Exit.CONFLICT, "It is a draft: nothing happens until it is sent.")
            clock.sleep(options["every"])
            before, shown = shown, as_json(find(options["campaign_id"]))
            if shown != before:
                self.print(shown, details(shown))
                self.stdout.flush()
        if options["follow"] and shown["status"] == Status.CANCELLED:
            raise self.refuse(Exit.CONFLICT, "It was cancelled.")
