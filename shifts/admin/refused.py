"""Texts about shifts from people who may not book: who to approve, perhaps."""

from django.contrib import admin

from messaging.admin.base import HistoryAdmin, display
from shifts.models import UnauthorisedText


@admin.register(UnauthorisedText)
class UnauthorisedTextAdmin(HistoryAdmin):
    """Those texts. Their sender hears NOT-AUTHORISED once a day."""

    nothing_yet = "Nobody was turned away"
    nothing_yet_hint = "Texts of those who asked for shifts and are no approved employees stand here."
    list_display = ("received_at", "phone_number", "body_begins", "answer")
    list_display_links = ("received_at", "phone_number")
    list_filter = (("received_at", admin.DateFieldListFilter),)
    search_fields = ("phone_number",)
    phone_number_field = "phone_number"
    exact_fields = ("inbound_message_id",)
    fieldsets = ((None, {"fields": ("phone_number", "body", ("received_at", "answered_at"), "inbound_message_id")}),)

    @display(description="Text")
    def body_begins(self, text: UnauthorisedText) -> str:
        """Enough of it to know it by."""
        return text.body if len(text.body) <= 60 else f"{text.body[:59]}…"

    @display(description="Answer")
    def answer(self, text: UnauthorisedText) -> str:
        """Whether they heard of it this time."""
        return "NOT-AUTHORISED" if text.answered_at else "none: answered within the day before"
