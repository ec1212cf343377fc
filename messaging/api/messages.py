"""/messages/: the texts that went out, or are about to. Read only: conversations queue them."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from messaging.api.base import StrictModelSerializer
from messaging.api.filters import OneOf, PhoneNumber, StrictFilters, TextFilters, moments
from messaging.api.resource import Resource
from messaging.models import OutboundMessage, Priority, Status
from messaging.visibility import visible


class MessageSerializer(StrictModelSerializer):
    """A text that goes out."""

    priority = serializers.ChoiceField(
        choices=Priority.choices, help_text="Lower leaves first: 0 alert, 10 reply, 20 notice, 30 campaign."
    )
    price_currency = serializers.SerializerMethodField(help_text="ISO 4217; null while the price is not known.")

    class Meta:
        model = OutboundMessage
        fields = [
            "id",
            "conversation",
            "subject",
            "destination_phone_number",
            "origination_identity",
            "body",
            "message_type",
            "priority",
            "encoding",
            "parts",
            "status",
            "carrier_message_id",
            "error_code",
            "error_reason",
            "price",
            "price_currency",
            "queued_at",
            "sent_at",
            "delivered_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "id": {"help_text": "Its id with us."},
            "body": {"help_text": "The text itself."},
            "message_type": {"help_text": "As AWS and carriers treat it."},
            "parts": {"help_text": "How many parts it is sent and paid as."},
            "status": {
                "help_text": "queued, sending (being handed over), sent (AWS has it), delivered, failed (refused for "
                "good), suppressed (forbidden, by consent for instance), unknown (AWS may or may not have it), expired "
                "(too late to be sent), cancelled. It never goes back."
            },
            "error_reason": {"help_text": "The same in words."},
            "queued_at": {"help_text": "When it was made."},
            "sent_at": {"help_text": "When AWS accepted it; null until then."},
            "delivered_at": {"help_text": "When it reached the phone; null until the carrier says so."},
            "conversation": {"help_text": "Key of the conversation that owns the text: incidents, …"},
            "subject": {"help_text": "What it is about, within its conversation: an incident's id."},
            "destination_phone_number": {"help_text": "To whom. E.164."},
            "origination_identity": {"help_text": "The number of ours that it leaves from."},
            "encoding": {"help_text": "GSM or UCS-2."},
            "carrier_message_id": {"help_text": "AWS's MessageId; null until AWS has accepted the text."},
            "error_code": {"help_text": "Why it is not sent: AWS's code or our own; blank when nothing is wrong."},
            "price": {"help_text": "What AWS charged, a decimal string; null until AWS has said."},
        }

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_price_currency(self, message: OutboundMessage) -> str | None:
        """Without a price there is no currency."""
        return message.currency or None if message.price is not None else None


class MessageFilters(TextFilters):
    """Filters of /messages/."""

    phone_number = PhoneNumber(field_name="destination_phone_number", help_text="The recipient, E.164 (+ as %2B).")
    status = OneOf(choices=Status.choices, help_text="May be repeated.")
    after, before = moments("queued_at")


@extend_schema_view(
    list=extend_schema(summary="Texts that go out, newest first"),
    retrieve=extend_schema(summary="One text that goes out"),
)
class Messages(Resource, ReadOnlyModelViewSet[OutboundMessage]):
    """Texts that go out, with what became of them."""

    queryset = OutboundMessage.objects.all()
    serializer_class = MessageSerializer
    filterset_class = MessageFilters
    filter_backends = [StrictFilters]

    def get_queryset(self) -> QuerySet[OutboundMessage]:
        """Those of the conversations that the user sees."""
        return visible(super().get_queryset(), self.request.user)
