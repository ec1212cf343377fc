"""News of texts from AWS, as they came."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from messaging import selectors
from messaging.admin.base import HistoryAdmin
from messaging.models import DeliveryEvent
from messaging.visibility import visible


@admin.register(DeliveryEvent)
class DeliveryEventAdmin(HistoryAdmin):
    """Delivery events."""

    nothing_yet = "AWS has reported nothing yet"
    nothing_yet_hint = "What AWS tells of each text stands here; without a configuration set it tells nothing."
    list_display = ("stored_at", "event_type", "is_final", "carrier_message_id", "message", "applied_at")
    list_filter = ("is_final", ("stored_at", admin.DateFieldListFilter))
    search_fields = ("carrier_message_id",)
    search_help_text = "An exact id of AWS or of SNS."
    exact_fields = ("carrier_message_id", "sns_message_id")
    fields = (
        ("carrier_message_id", "sns_message_id"),
        ("event_type", "is_final", "description"),
        ("occurred_at", "stored_at", "applied_at"),
        "message",
        "payload",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeliveryEvent]:
        """Each with its text; those of the conversations that the user sees, and those of no text of ours."""
        rows = selectors.delivery_events().order_by(*self.ordering)
        return visible(rows, request.user, conversation="message__conversation")
