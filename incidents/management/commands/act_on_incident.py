"""`manage.py act_on_incident`: what staff do to an incident, from a script."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.management.base import CommandParser

from incidents import lifecycle
from incidents.api.serializers import ActionSerializer, DeclineSerializer, NoteSerializer
from incidents.management.showing import as_json, details
from incidents.models import Incident
from messaging.management.arguments import given, phone_number, words
from messaging.management.door import Door, Exit

_ACTIONS: dict[str, tuple[Callable[..., lifecycle.Outcome], type[ActionSerializer]]] = {
    "acknowledge": (lifecycle.acknowledge, ActionSerializer),
    "decline": (lifecycle.decline, DeclineSerializer),
    "escalate": (lifecycle.escalate, ActionSerializer),
    "cancel": (lifecycle.cancel, ActionSerializer),
    "resolve": (lifecycle.resolve, ActionSerializer),
    "note": (lifecycle.add_note, NoteSerializer),
}


class Command(Door):
    """A door to the actions of incidents.lifecycle."""

    help = (
        "Acknowledge, decline, escalate, cancel or resolve an incident, or write a note on its timeline. Contacts are "
        "told as if you had pressed the button in the admin."
    )
    examples = (
        "act_on_incident acknowledge DB-17 --as olga",
        "act_on_incident decline DB-17 --contact +14255550182 --note 'Called us: is on a plane'",
        "act_on_incident resolve DB-17 --note 'Replica caught up' --json",
    )
    permission = "incidents.change_incident"
    refusals = {
        Incident.DoesNotExist: Exit.ABSENT,
        lifecycle.NotAContact: Exit.INPUT,
        lifecycle.NotAllowed: Exit.CONFLICT,
    }

    def add_arguments(self, parser: CommandParser) -> None:
        """As POST /api/v1/incidents/{incident_id}/{action}/."""
        super().add_arguments(parser)
        parser.add_argument("action", choices=list(_ACTIONS))
        parser.add_argument("incident_id")
        parser.add_argument(
            "--contact", type=phone_number, metavar="NUMBER", help="on whose behalf; decline must have it"
        )
        parser.add_argument("--note", type=words, default="", help="for the timeline; - reads it from standard input")

    def perform(self, options: Mapping[str, Any]) -> None:
        """Judged as the API judges it."""
        act, form_class = _ACTIONS[options["action"]]
        incident_id = options["incident_id"]
        if not Incident.objects.filter(incident_id=incident_id).exists():
            raise self.refuse(Exit.ABSENT, f"There is no incident {incident_id}.")
        form = form_class(data=given(options, "contact", "note"))
        form.is_valid(raise_exception=True)
        act(incident_id, actor=self.actor, **form.given())
        shown = as_json(incident_id)
        self.print(shown, details(shown))
