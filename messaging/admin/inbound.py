"""Texts that came in, and the inbox of those that wait for a person."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from messaging.admin.base import HistoryAdmin, action, back_to, dialog, display
from messaging.admin.filters import ByConversation, ByOutcome
from messaging.inbound import inbox
from messaging.models import InboundMessage

_COLOURS = {
    InboundMessage.Outcome.UNMATCHED: "warning",
    InboundMessage.Outcome.NOT_UNDERSTOOD: "warning",
    InboundMessage.Outcome.CONSENT: "info",
    InboundMessage.Outcome.KEYWORD: "info",
    InboundMessage.Outcome.INCIDENTS: "success",
    InboundMessage.Outcome.SHIFTS: "success",
    "dealt with": "success",
    "not routed": "",
}


@admin.register(InboundMessage)
class InboundMessageAdmin(HistoryAdmin):
    """Texts that came in."""

    list_display = ("received_at", "origination_phone_number", "body_begins", "outcome_label", "handled_by")
    list_display_links = ("received_at", "origination_phone_number")
    list_filter = (ByOutcome, ByConversation, ("received_at", admin.DateFieldListFilter))
    search_fields = ("origination_phone_number",)
    phone_number_field = "origination_phone_number"
    exact_fields = ("inbound_message_id",)
    actions = ("mark_as_dealt_with",)
    actions_detail = ("deal_with",)
    fieldsets = (
        (None, {"fields": ("origination_phone_number", "destination_phone_number", "body")}),
        (
            "What became of it",
            {"fields": ("outcome_in_words", "error")},
        ),
        ("Belongs to", {"fields": ("conversation", "subject", "previous_published_message_id", "inbound_message_id")}),
        ("When", {"fields": ("received_at", "stored_at", "routed_at", "attempts")}),
        ("Staff", {"fields": ("handled_by", "handled_at")}),
    )
    readonly_fields = ("outcome_in_words",)

    def has_handle_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Dealing with a text is a change of it, though its form stays closed."""
        return bool(request.user.has_perm("messaging.change_inboundmessage"))

    @action(description="Mark as dealt with", permissions=["handle"])
    def mark_as_dealt_with(self, request: HttpRequest, queryset: QuerySet[InboundMessage]) -> None:
        """Take the texts chosen off the inbox."""
        self._deal_with(request, queryset)

    @action(
        description="Mark as dealt with",
        permissions=["handle"],
        icon="check",
        dialog=dialog("Mark as dealt with", "The text leaves the inbox; your name is kept with it.", "Dealt with"),
    )
    def deal_with(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Take this text off the inbox."""
        self._deal_with(request, InboundMessage.objects.filter(pk=object_id if object_id.isdecimal() else 0))
        return back_to(request, "messaging_inboundmessage_changelist")

    def _deal_with(self, request: HttpRequest, texts: QuerySet[InboundMessage]) -> None:
        changed = inbox.deal_with(texts, by=request.user.get_username())
        if changed:
            self.message_user(request, f"Dealt with: {changed}.", messages.SUCCESS)
        else:
            self.message_user(request, "Somebody had dealt with it, or it is not routed yet.", messages.WARNING)

    @display(description="Outcome", label=_COLOURS)
    def outcome_label(self, text: InboundMessage) -> tuple[str, str]:
        """In the colour of its meaning."""
        if not text.outcome:
            return "not routed", "Not routed yet"
        if text.handled_at and text.outcome == InboundMessage.Outcome.UNMATCHED:
            return "dealt with", "Dealt with"
        return text.outcome, str(text.get_outcome_display())

    @display(description="Outcome")
    def outcome_in_words(self, text: InboundMessage) -> str:
        """The same without colour, for the page of one text."""
        return self.outcome_label(text)[1]

    @display(description="Text")
    def body_begins(self, text: InboundMessage) -> str:
        """Enough of it to know it by."""
        return text.body if len(text.body) <= 60 else f"{text.body[:59]}…"
