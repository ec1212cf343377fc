"""Incidents as JSON."""

import re
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from incidents import selectors
from incidents.lifecycle import Request
from incidents.models import Incident, IncidentContact, State, Status, TimelineEntry
from incidents.models.policies import LONGEST_WAIT
from messaging.api.base import PhoneNumberField, StrictSerializer

# What runs a script or opens a program when it is clicked. A port after a host is no scheme: example.com:8080/x .
_OTHER_SCHEME = re.compile(r"(?!https?://)(?:[a-z][a-z0-9+-]*:|[a-z][a-z0-9+.-]*:(?![0-9]))", re.IGNORECASE)


class OpenIncidentSerializer(StrictSerializer):
    """What an incident is opened with; incidents.lifecycle judges the rest."""

    incident_id = serializers.CharField(
        max_length=64, help_text="Your id of it: letters, digits and . _ : / -. Texts name it, and so do replies."
    )
    description = serializers.CharField(help_text="What has happened, as people read it.")
    url = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        max_length=500,
        help_text='A link for whoever takes it. Absent, blank or "no url": none.',
    )
    first_contact = PhoneNumberField(
        required=False, allow_blank=True, allow_null=True, help_text="Who is asked first, E.164; or give a policy."
    )
    second_contact = PhoneNumberField(
        required=False, allow_blank=True, allow_null=True, help_text="Who is asked when the first does not take it."
    )
    escalation_policy = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        max_length=100,
        help_text="The name of a policy, in place of the two contacts. It is copied: later edits do not bend it.",
    )
    wait_seconds = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=LONGEST_WAIT,
        help_text="Seconds after each text before the next step; absent: as the policy says, or the usual wait.",
    )
    origination_identity = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        max_length=20,
        help_text="The number of ours that texts leave from; absent: for each the one they know, or the default.",
    )

    def validate_url(self, url: str | None) -> str | None:
        """A link that a person may follow: systems that show it will make it one."""
        if url and _OTHER_SCHEME.match(url.strip()):
            raise serializers.ValidationError("Give a link that begins with https:// or http://.")
        return url

    def request(self) -> Request:
        """The validated fields as lifecycle takes them; null and absent are the same."""
        given = {name: value for name, value in self.validated_data.items() if value is not None}
        return Request(**given)


class IncidentContactSerializer(serializers.ModelSerializer[IncidentContact]):
    """A contact of an incident; several may share a position, and are texted together."""

    position = serializers.IntegerField(
        source="step.position", read_only=True, help_text="Whose turn: 1 is asked first. Several may share one."
    )
    state = serializers.ChoiceField(choices=State.choices, read_only=True, help_text="How far they are.")

    class Meta:
        model = IncidentContact
        fields = ["position", "phone_number", "name", "state"]
        extra_kwargs = {
            "phone_number": {"help_text": "E.164."},
            "name": {"help_text": "As it was when the incident opened; blank: none was known."},
        }


class TimelineSerializer(serializers.ModelSerializer[TimelineEntry]):
    """A line of the timeline."""

    class Meta:
        model = TimelineEntry
        fields = ["at", "kind", "phone_number", "actor", "text"]
        extra_kwargs = {
            "at": {"help_text": "When."},
            "kind": {"help_text": "What happened."},
            "phone_number": {"help_text": "Whom it concerns, E.164; or blank."},
            "actor": {"help_text": "Who did it: a phone number, a username; blank: Textback itself."},
            "text": {"help_text": "In words: a text, a reply, a note."},
        }


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    """An incident as it is."""

    status = serializers.ChoiceField(choices=Status.choices, read_only=True, help_text="How it stands.")
    first_contact = serializers.SerializerMethodField(help_text="As it was opened with; blank: with a policy.")
    second_contact = serializers.SerializerMethodField(help_text="Likewise.")
    escalation_policy = serializers.CharField(
        source="policy", read_only=True, help_text="Name of the policy that it was opened with; or blank."
    )
    contacts = serializers.SerializerMethodField(help_text="Everybody who is or may be asked, in order.")
    timeline = TimelineSerializer(many=True, read_only=True, help_text="All that happened, oldest first.")

    class Meta:
        model = Incident
        fields = [
            "incident_id",
            "description",
            "url",
            "first_contact",
            "second_contact",
            "escalation_policy",
            "wait_seconds",
            "origination_identity",
            "status",
            "double_escalation",
            "late",
            "contacts",
            "next_step_at",
            "opened_at",
            "first_text_at",
            "acknowledged_at",
            "acknowledged_by",
            "ended_at",
            "resolved_at",
            "timeline",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "incident_id": {"help_text": "Your id of it."},
            "description": {"help_text": "What has happened."},
            "url": {"help_text": "A link for whoever takes it; or blank."},
            "wait_seconds": {"help_text": "Seconds after each text; null: as the policy says, or the usual wait."},
            "origination_identity": {"help_text": "The number of ours that was chosen; blank: for each their own."},
            "double_escalation": {"help_text": "Somebody declined or asked to escalate what already was."},
            "late": {"help_text": "It was acknowledged only after it had been logged for review."},
            "next_step_at": {"help_text": "When the next step is due; null: none is."},
            "opened_at": {"help_text": "When it was opened."},
            "first_text_at": {"help_text": "When AWS accepted its first text; null until then."},
            "acknowledged_at": {"help_text": "When somebody took it; or null."},
            "acknowledged_by": {"help_text": "Who took it: a phone number, or a username of ours; or blank."},
            "ended_at": {"help_text": "When it was acknowledged, logged for review or cancelled; or null."},
            "resolved_at": {"help_text": "When it was resolved; or null."},
        }

    def get_first_contact(self, incident: Incident) -> str:
        """The number it was opened with; blank when a policy was."""
        return self._opened_with(incident, 1)

    def get_second_contact(self, incident: Incident) -> str:
        """Likewise."""
        return self._opened_with(incident, 2)

    @extend_schema_field(IncidentContactSerializer(many=True))
    def get_contacts(self, incident: Incident) -> Any:
        """Everybody who is or may be asked, in order."""
        return IncidentContactSerializer(selectors.contacts(incident), many=True).data

    def _opened_with(self, incident: Incident, position: int) -> str:
        if incident.policy:
            return ""
        numbers = (one.phone_number for one in selectors.contacts(incident) if one.step.position == position)
        return next(numbers, "")


class ActionSerializer(StrictSerializer):
    """On whose behalf, and a note for the timeline."""

    contact = PhoneNumberField(
        required=False,
        allow_blank=True,
        allow_null=True,
        help_text="A contact of the incident, on whose behalf, E.164.",
    )
    note = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=2000, help_text="For the timeline."
    )

    def given(self) -> dict[str, str]:
        """The fields as lifecycle takes them."""
        data = self.validated_data
        return {"contact": data.get("contact") or "", "note": data.get("note") or ""}


class DeclineSerializer(ActionSerializer):
    """Somebody must be named: staff cannot decline for themselves."""

    contact = PhoneNumberField(help_text="Who cannot take it, E.164.")


class NoteSerializer(ActionSerializer):
    """A note has words."""

    note = serializers.CharField(max_length=2000, help_text="What everybody should know.")
