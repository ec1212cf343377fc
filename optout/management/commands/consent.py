"""`manage.py consent`: how somebody stands with our numbers."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from messaging.management.arguments import phone_number
from messaging.management.door import Door, Exit, columns
from messaging.models import OriginationIdentity
from optout.api.serializers import standing

_HEADER = ("NUMBER OF OURS", "STATE", "SINCE", "BY")


class Command(Door):
    """Reads only."""

    help = (
        "Tell how somebody stands with each of our numbers, or with one: opted_in, opted_out, or none when nothing was "
        "ever said. Only opted_out forbids texts. With --json one line for each number of ours."
    )
    examples = (
        "consent +14255550182",
        "consent '+1 425 555 0182' --from +14255550100 --json | jq -r .state",
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, and which number of ours."""
        super().add_arguments(parser)
        parser.add_argument("phone_number", type=phone_number)
        parser.add_argument("--from", dest="origination_identity", default="", metavar="OURS", help="one of ours only")

    def perform(self, options: Mapping[str, Any]) -> None:
        """As GET /api/v1/consent/ answers."""
        ours = OriginationIdentity.objects.order_by("identity")
        if wanted := options["origination_identity"]:
            ours = ours.filter(identity=wanted)
        states = [standing(options["phone_number"], one.identity) for one in ours]
        if not states:
            which = f"{wanted} is none of our numbers." if wanted else "There are no numbers of ours yet."
            raise self.refuse(Exit.ABSENT, which)
        if self.in_json:
            for state in states:
                self.print(state, ())
            return
        cells = [
            (one["origination_identity"], one["state"], one["since"] or "-", one["source"] or "-") for one in states
        ]
        self.print(None, columns(_HEADER, *cells))
