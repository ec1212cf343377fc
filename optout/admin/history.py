"""Consent history: the ledger, read only, and as a file."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from messaging.admin.base import HistoryAdmin, action, back_to, display
from messaging.admin.files import as_csv
from optout.admin import sentences
from optout.history import rows
from optout.models import Consent, ConsentEvent


class OfPerson(admin.SimpleListFilter):
    """All that one person said: by the key of a state of theirs, for numbers stand in no address."""

    title = "person"
    parameter_name = "of"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The person who was chosen, by the page of a state."""
        key = request.GET.get(self.parameter_name)
        return [] if key is None else [(key, _person(key) or "nobody")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ConsentEvent]) -> QuerySet[ConsentEvent]:
        """What they said."""
        return queryset if self.value() is None else queryset.filter(phone_number=_person(self.value() or ""))


def _person(key: str) -> str:
    """The number that a state is of; "" when there is no such state."""
    pk = int(key) if key.isdecimal() and len(key) <= 18 else 0
    return Consent.objects.filter(pk=pk).values_list("phone_number", flat=True).first() or ""


@admin.register(ConsentEvent)
class ConsentEventAdmin(HistoryAdmin):
    """Who opted out or in, of which number, by which way, when."""

    nothing_yet = "Nothing was said about consent yet"
    nothing_yet_hint = "Each STOP and JOIN is kept here for ever, and what staff and other systems record."
    list_display = ("occurred_at", "phone_number", "number_of_ours", "action_label", "word", "source", "actor")
    list_display_links = ("occurred_at", "phone_number")
    list_filter = (OfPerson, "action", "source", ("occurred_at", admin.DateFieldListFilter))
    search_fields = ("phone_number",)
    search_help_text = "A phone number in any form."
    phone_number_field = "phone_number"
    actions_list = ("export",)
    # Django's own history of a row would be empty: nobody edits it.
    actions_detail_hide_default = True
    readonly_fields = ("number_of_ours", "action_in_words")
    fieldsets = (
        (None, {"fields": (("phone_number", "number_of_ours"), ("action_in_words", "word"), "text")}),
        ("By which way", {"fields": (("source", "actor"), "reason", "key")}),
        ("When", {"fields": (("occurred_at", "recorded_at"),)}),
    )

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """As it was said: what reached us late is not the newest."""
        return ("-occurred_at", "-id")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; its file has what is found by the same search and filters."""
        answer: HttpResponse = super().changelist_view(request, {"title": "Consent history"} | (extra_context or {}))
        context = getattr(answer, "context_data", None) or {}
        for button in context.get("actions_list", ()):
            if query := _question(request):
                button |= {"title": "Export what is found as CSV", "path": f"{button['path']}?{query}"}
        return answer

    @action(description="Export as CSV", permissions=["view"], icon="download")
    def export(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """The ledger as a file, oldest first; of a search or a filter, what it finds."""
        try:
            events = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            self.message_user(request, "Nothing is exported: there is no such filter.", messages.ERROR)
            return back_to(request, "optout_consentevent_changelist")
        name = "consent-history-found.csv" if _question(request) else "consent-history.csv"
        return as_csv(name, rows(events))

    @display(description="Number of ours")
    def number_of_ours(self, event: ConsentEvent) -> str:
        """Or that it concerns every one."""
        return sentences.ours(event.scope)

    @display(description="Action", label=sentences.ACTIONS)
    def action_label(self, event: ConsentEvent) -> tuple[str, str]:
        """In the colour of its meaning."""
        return event.action, str(event.get_action_display())

    @display(description="Action")
    def action_in_words(self, event: ConsentEvent) -> str:
        """The same without colour, for the page of one event."""
        return str(event.get_action_display())


def _question(request: HttpRequest) -> str:
    """The search and the filters of an address, without the page."""
    query = request.GET.copy()
    query.pop(PAGE_VAR, None)
    return query.urlencode()
