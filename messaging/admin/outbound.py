"""Texts that go out. Conversations queue them; staff see what became of them."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR
from django.db.models import QuerySet
from django.http import HttpRequest

from messaging.admin.base import HistoryAdmin, ReadOnlyInline, display
from messaging.admin.filters import ByConversation
from messaging.admin.inbox import thread_link
from messaging.admin.paging import PagesSeen
from messaging.models import DeliveryEvent, OutboundMessage, Status
from messaging.visibility import hidden_from, visible

_COLOURS = {
    Status.QUEUED: "info",
    Status.SENDING: "info",
    Status.SENT: "primary",
    Status.DELIVERED: "success",
    Status.FAILED: "danger",
    Status.UNKNOWN: "warning",
    Status.SUPPRESSED: "warning",
    Status.EXPIRED: "warning",
    # A withdrawn text is nobody's trouble: no colour.
    Status.CANCELLED: "",
}


class _Events(ReadOnlyInline):
    """What AWS told of the text."""

    model = DeliveryEvent
    verbose_name_plural = "delivery events"
    fields = readonly_fields = ("occurred_at", "event_type", "is_final", "description", "stored_at")
    ordering = ("id",)


@admin.register(OutboundMessage)
class OutboundMessageAdmin(HistoryAdmin):
    """Texts that go out."""

    nothing_yet = "No text was sent yet"
    nothing_yet_hint = "Every text that goes out stands here with what became of it, the newest first."
    list_display = ("queued_at", "destination_phone_number", "origination_identity", "body_begins", "status_label")
    list_display_links = ("queued_at", "destination_phone_number")
    list_filter = ("status", ByConversation, ("queued_at", admin.DateFieldListFilter))
    search_fields = ("destination_phone_number",)
    phone_number_field = "destination_phone_number"
    exact_fields = ("carrier_message_id", "idempotency_key")
    inlines = (_Events,)
    fieldsets = (
        ("Text", {"fields": ("destination_phone_number", "origination_identity", "body")}),
        ("State", {"fields": ("status", "error_reason")}),
        ("Belongs to", {"fields": ("thread", "conversation", "subject", "actor", "idempotency_key")}),
        ("Manner", {"fields": ("message_type", "priority", "encoding", "parts", "delivery_policy", "attempts")}),
        ("AWS", {"fields": ("carrier_message_id", "error_code", "price", "currency")}),
        ("When", {"fields": ("queued_at", "attempted_at", "sent_at", "delivered_at", "unknown_at", "ended_at")}),
    )
    readonly_fields = ("thread",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboundMessage]:
        """Those of the conversations that the user sees."""
        rows: QuerySet[OutboundMessage] = super().get_queryset(request)
        return visible(rows, request.user)

    def get_paginator(
        self, request: HttpRequest, queryset: QuerySet[Any], per_page: int, *more: Any, **named: Any
    ) -> Any:
        """Pages of the whole list go past what is hidden; a search and the filters have indexes of their own."""
        hidden = hidden_from(request.user)
        # The history of a row, which is another table, has pages as well.
        if hidden and queryset.model is OutboundMessage and set(request.GET) <= {PAGE_VAR}:
            return PagesSeen(queryset, hidden, per_page)
        return super().get_paginator(request, queryset, per_page, *more, **named)

    @display(description="Status", label=_COLOURS)
    def status_label(self, message: OutboundMessage) -> tuple[str, str]:
        """In the colour of its meaning."""
        return message.status, str(message.get_status_display())

    @display(description="Thread")
    def thread(self, message: OutboundMessage) -> str:
        """All that this person and we have written."""
        return thread_link(f"s{message.pk}")

    @display(description="Text")
    def body_begins(self, message: OutboundMessage) -> str:
        """Enough of it to know it by."""
        return message.body if len(message.body) <= 60 else f"{message.body[:59]}…"
