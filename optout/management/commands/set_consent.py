"""`manage.py set_consent`: record what somebody said elsewhere of being texted."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser

from messaging.management.arguments import given, phone_number
from messaging.management.door import Door
from optout import ledger
from optout.api.serializers import ConsentRequestSerializer, standing
from optout.ledger import Entry
from optout.models import Action, Source

_LONGEST_KEY = 150


class Command(Door):
    """A door to optout.ledger.record."""

    help = (
        "Opt somebody out or in, as of now, with the reason. Nobody is texted. What was said stays in the history for "
        "ever; with a --key that was used before nothing is added."
    )
    examples = (
        "set_consent +14255550182 opt_out --from +14255550100 --reason 'Asked by e-mail on 1 July'",
        "set_consent +14255550182 opt_out --every-number --reason 'Ticket 4711' --key ticket-4711 --as olga",
    )
    permission = "optout.add_consentevent"

    def add_arguments(self, parser: CommandParser) -> None:
        """As POST /api/v1/consent/, and a key."""
        super().add_arguments(parser)
        parser.add_argument("phone_number", type=phone_number)
        parser.add_argument("action", choices=Action.values)
        parser.add_argument("--reason", required=True, help="how they asked, or why it is so")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--from", dest="origination_identity", metavar="OURS", help="the number of ours meant")
        which.add_argument("--every-number", action="store_true", help="all our numbers, later ones included")
        parser.add_argument("--key", help="names the occasion, so that repeating the command changes nothing")

    def perform(self, options: Mapping[str, Any]) -> None:
        """Judged as the API judges it, but for the reason, which must be said."""
        if not options["reason"].strip():
            raise ValidationError({"reason": ["Say why: it is kept in the history."]})
        if len(options["key"] or "") > _LONGEST_KEY:
            raise ValidationError({"key": [f"A key has at most {_LONGEST_KEY} characters."]})
        form = ConsentRequestSerializer(data=given(options, *ConsentRequestSerializer().fields))
        form.is_valid(raise_exception=True)
        entry = Entry(**form.validated_data, source=Source.STAFF, actor=self.actor)
        if options["key"]:
            entry = replace(entry, key=f"command:{options['key']}")
        recorded = ledger.record(entry)
        said = recorded.event
        if not recorded.changed:
            self.remark("This changes nothing: they stood so before, something later was said, or the key was used.")
        state = standing(said.phone_number, said.origination_identity)
        which = said.origination_identity or "every number"
        self.print(state, [f"{said.phone_number} and {which}: {state['state']} since {state['since']}"])
