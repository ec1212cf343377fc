"""`manage.py open_incident`: something happened, ask people to take it."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from incidents import lifecycle
from incidents.api.serializers import OpenIncidentSerializer
from incidents.management.showing import as_json, details
from messaging.management.arguments import count, given, phone_number, words
from messaging.management.door import Door, Exit


class Command(Door):
    """A door to incidents.lifecycle.open_incident."""

    help = (
        "Open an incident and text its first contact. The same command again changes nothing and prints the same "
        "incident, so that a script may repeat it after any failure."
    )
    examples = (
        'open_incident DB-17 "Replica is 900 s behind" --first-contact +14255550182 --second-contact +14255550183',
        'open_incident DB-18 "Disk is full" --policy "Night shift" --url https://runbooks.example.com/disk --json',
        "df -h / | manage.py open_incident DB-19 - --policy Storage",
    )
    permission = "incidents.add_incident"
    refusals = {lifecycle.DifferentContent: Exit.CONFLICT}

    def add_arguments(self, parser: CommandParser) -> None:
        """As the fields of POST /api/v1/incidents/."""
        super().add_arguments(parser)
        parser.add_argument("incident_id", help="names it for ever: YES DB-17 answers it")
        parser.add_argument("description", type=words, help="what happened; - reads it from standard input")
        parser.add_argument("--url", default="", help="a link for whoever takes it")
        parser.add_argument("--first-contact", type=phone_number, metavar="NUMBER", help="who is asked first")
        parser.add_argument("--second-contact", type=phone_number, metavar="NUMBER", help="who is asked next")
        parser.add_argument("--policy", dest="escalation_policy", metavar="NAME", help="instead of contacts")
        parser.add_argument("--wait-seconds", type=count, metavar="SECONDS", help="for an answer to each text")
        parser.add_argument("--from", dest="origination_identity", metavar="OURS", help="the number of ours to use")

    def perform(self, options: Mapping[str, Any]) -> None:
        """Judged as the API judges it."""
        form = OpenIncidentSerializer(data=given(options, *OpenIncidentSerializer().fields))
        form.is_valid(raise_exception=True)
        incident, created = lifecycle.open_incident(form.request(), actor=self.actor)
        if not created:
            self.remark(f"Incident {incident.incident_id} was opened before, with the same content.")
        shown = as_json(incident.incident_id)
        self.print(shown, details(shown))
