"""/inbound/: the texts people sent us, and what became of them. Read only."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from messaging.api.base import StrictModelSerializer
from messaging.api.filters import OneOf, PhoneNumber, StrictFilters, TextFilters, moments
from messaging.api.resource import Resource
from messaging.models import InboundMessage
from messaging.visibility import visible


class _OutcomeField(serializers.ChoiceField):
    """Null until the text is routed: an empty string would be one more outcome to know of."""

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(value) or None


class InboundSerializer(StrictModelSerializer):
    """A text that somebody sent us."""

    outcome = _OutcomeField(
        choices=InboundMessage.Outcome.choices,
        allow_null=True,
        read_only=True,
        help_text="Who dealt with it; null until it is routed, moments after it came.",
    )

    class Meta:
        model = InboundMessage
        fields = [
            "id",
            "inbound_message_id",
            "origination_phone_number",
            "destination_phone_number",
            "body",
            "previous_published_message_id",
            "outcome",
            "received_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "id": {"help_text": "Its id with us."},
            "body": {"help_text": "The text itself."},
            "inbound_message_id": {"help_text": "AWS's id of the text."},
            "origination_phone_number": {"help_text": "The sender, E.164."},
            "destination_phone_number": {"help_text": "The number of ours that was written to."},
            "previous_published_message_id": {
                "help_text": "AWS's guess which text of ours this answers: its carrier_message_id, or blank."
            },
            "received_at": {"help_text": "When SNS took it."},
        }


class InboundFilters(TextFilters):
    """Filters of /inbound/."""

    phone_number = PhoneNumber(field_name="origination_phone_number", help_text="The sender, E.164 (+ as %2B).")
    outcome = OneOf(choices=InboundMessage.Outcome.choices, help_text="May be repeated.")
    status = OneOf(
        field_name="outcome", choices=InboundMessage.Outcome.choices, help_text="The same as outcome. May be repeated."
    )
    after, before = moments("received_at")


@extend_schema_view(
    list=extend_schema(summary="Texts that came in, the latest stored first"),
    retrieve=extend_schema(summary="One text that came in"),
)
class Inbound(Resource, ReadOnlyModelViewSet[InboundMessage]):
    """Texts that came in."""

    queryset = InboundMessage.objects.all()
    serializer_class = InboundSerializer
    filterset_class = InboundFilters
    filter_backends = [StrictFilters]

    def get_queryset(self) -> QuerySet[InboundMessage]:
        """Those of the conversations that the user sees."""
        return visible(super().get_queryset(), self.request.user)
