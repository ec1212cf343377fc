"""Texts that came in, all of them; the inbox beside it is messaging.admin.inbox."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from messaging.admin.base import action, back_to, dialog, display
from messaging.admin.filters import ByConversation, ByOutcome
from messaging.admin.inbox import InboxAdmin, thread_link
from messaging.inbound import inbox
from messaging.models import InboundMessage
from messaging.visibility import visible

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
class InboundMessageAdmin(InboxAdmin):
    """Texts that came in."""

    nothing_yet = "Nobody has texted yet"
    nothing_yet_hint = "Every text that comes in stands here, the newest first."
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
        (
            "Belongs to",
            {"fields": ("thread", "conversation", "subject", "previous_published_message_id", "inbound_message_id")},
        ),
        ("When", {"fields": ("received_at", "stored_at", "routed_at", "attempts")}),
        ("Staff", {"fields": ("handled_by", "handled_at")}),
    )
    readonly_fields = ("outcome_in_words", "thread")

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundMessage]:
        """Those of the conversations that the user sees."""
        rows: QuerySet[InboundMessage] = super().get_queryset(request)
        return visible(rows, request.user)

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
        self._deal_with(request, self.get_queryset(request).filter(pk=object_id if object_id.isdecimal() else 0))
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

    @display(description="Thread")
    def thread(self, text: InboundMessage) -> str:
        """All that this person and we have written."""
        return thread_link(f"{text.pk}")

    @display(description="Text")
    def body_begins(self, text: InboundMessage) -> str:
        """Enough of it to know it by."""
        return text.body if len(text.body) <= 60 else f"{text.body[:59]}…"
