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

    incident_id = serializers.CharField(max_length=64)
    description = serializers.CharField()
    url = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=500)
    first_contact = PhoneNumberField(required=False, allow_blank=True, allow_null=True)
    second_contact = PhoneNumberField(required=False, allow_blank=True, allow_null=True)
    escalation_policy = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=100)
    wait_seconds = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LONGEST_WAIT)
    origination_identity = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=20)

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

    position = serializers.IntegerField(source="step.position", read_only=True)
    state = serializers.ChoiceField(choices=State.choices, read_only=True)

    class Meta:
        model = IncidentContact
        fields = ["position", "phone_number", "name", "state"]


class TimelineSerializer(serializers.ModelSerializer[TimelineEntry]):
    """A line of the timeline."""

    class Meta:
        model = TimelineEntry
        fields = ["at", "kind", "phone_number", "actor", "text"]


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    """An incident as it is."""

    status = serializers.ChoiceField(choices=Status.choices, read_only=True)
    first_contact = serializers.SerializerMethodField()
    second_contact = serializers.SerializerMethodField()
    escalation_policy = serializers.CharField(source="policy", read_only=True)
    contacts = serializers.SerializerMethodField()
    timeline = TimelineSerializer(many=True, read_only=True)

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

    contact = PhoneNumberField(required=False, allow_blank=True, allow_null=True)
    note = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=2000)

    def given(self) -> dict[str, str]:
        """The fields as lifecycle takes them."""
        data = self.validated_data
        return {"contact": data.get("contact") or "", "note": data.get("note") or ""}


class DeclineSerializer(ActionSerializer):
    """Somebody must be named: staff cannot decline for themselves."""

    contact = PhoneNumberField()


class NoteSerializer(ActionSerializer):
    """A note has words."""

    note = serializers.CharField(max_length=2000)
