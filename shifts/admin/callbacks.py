"""The queue of people who texted AGENT and wait for a person to call."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminExpandableTextareaWidget

from messaging import clock
from messaging.admin.base import HistoryAdmin, action, back_to, dialog, display
from messaging.selectors import with_names
from shifts.calls import callbacks
from shifts.models import CallBack

_COLOURS = {
    CallBack.Status.WAITING.value: "warning",
    CallBack.Status.PLACING.value: "info",
    CallBack.Status.CALLED.value: "success",
    CallBack.Status.CLOSED.value: "",
}
# Large enough for a thumb; on a narrow page the list has its values at the right.
_WHO = '<span class="flex flex-col text-right lg:text-left"><a href="tel:{}" class="py-1 underline">{}</a>{}</span>'


class ByStatus(admin.SimpleListFilter):
    """Who waits for a person, unless something else is chosen."""

    title = "status"
    parameter_name = "status"
    _all = "all"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """What may be chosen; what waits for staff comes first."""
        first = CallBack.Status.WAITING
        others = [(status.value, status.label) for status in CallBack.Status if status is not first]
        return [(first.value, first.label), *others, (self._all, "All")]

    def value(self) -> str:
        """Who waits, when nothing is chosen."""
        return super().value() or CallBack.Status.WAITING.value

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Those of lookups; Django would put one before them that stands for no choice."""
        choices = super().choices(changelist)
        next(choices)
        yield from choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[CallBack]) -> QuerySet[CallBack]:
        """Call backs in the status chosen."""
        return queryset if self.value() == self._all else queryset.filter(status=self.value())


class CloseForm(BaseDialogForm):  # type: ignore[misc]
    """Asks what came of it."""

    note = forms.CharField(
        required=False,
        max_length=500,
        widget=UnfoldAdminExpandableTextareaWidget,
        help_text="What came of it, for your colleagues. May be left empty.",
    )


@admin.register(CallBack)
class CallBackAdmin(HistoryAdmin):
    """Call backs. Each is closed once."""

    list_display = ("who", "asked", "status_label", "ended")
    list_display_links = ("asked",)
    list_filter = (ByStatus,)
    search_fields = ("phone_number",)
    search_help_text = "A phone number in any form."
    phone_number_field = "phone_number"
    actions = None
    actions_row = ("close",)
    actions_detail = ("close",)
    readonly_fields = ("who", "asked", "status_label", "why", "ended", "campaign")
    fieldsets = (
        (None, {"fields": ("who", "asked", "status_label", "why")}),
        ("What became of it", {"fields": ("ended", "closed_by", "note")}),
        ("Belongs to", {"fields": ("origination_identity", "campaign", "contact_id")}),
    )

    def has_act_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Closing one is a change of it, though its form stays closed."""
        return bool(request.user.has_perm("shifts.change_callback"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallBack]:
        """Each with the name of who wants to be called."""
        return with_names(super().get_queryset(request), "phone_number")

    def get_ordering(self, request: HttpRequest) -> Any:
        """Who waits first, the longest waiting first; of the others the newest first."""
        waits = When(status=CallBack.Status.WAITING, then=Value(0))
        oldest = When(status=CallBack.Status.WAITING, then=F("id"))
        return (
            Case(waits, default=Value(1), output_field=IntegerField()),
            Case(oldest, default=-F("id"), output_field=IntegerField()),
        )

    def get_actions_detail(self, request: HttpRequest, object_id: Any = None) -> Any:
        """Nothing is offered for what does not wait."""
        waits = str(object_id).isdecimal() and callbacks.queue().filter(pk=object_id).exists()
        return super().get_actions_detail(request, object_id) if waits else []

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list."""
        answer: HttpResponse = super().changelist_view(request, {"title": "Call backs"} | (extra_context or {}))
        return answer

    @action(
        description="Called: close",
        permissions=["act"],
        icon="check",
        variant=ActionVariant.SUCCESS,
        dialog=dialog("Called: close", "You have called them. Your name is kept with it.", "Close", CloseForm),
    )
    def close(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Take it off the queue."""
        try:
            pk = int(object_id) if object_id.isdecimal() else 0
            row = callbacks.close(pk, actor=request.user.get_username(), note=form.cleaned_data["note"])
        except CallBack.DoesNotExist as problem:
            raise Http404 from problem
        except callbacks.NotAllowed as problem:
            self.message_user(request, str(problem), messages.WARNING)
        else:
            self.message_user(request, f"The call back of {row.phone_number} is closed.", messages.SUCCESS)
        return back_to(request, "shifts_callback_changelist")

    @display(description="Call")
    def who(self, call_back: CallBack) -> str:
        """The number, to be called by a tap, and the name."""
        number = call_back.phone_number
        return format_html(_WHO, number, number, getattr(call_back, "person", None) or "")

    @display(description="Asked")
    def asked(self, call_back: CallBack) -> str:
        """How long they wait; of those who wait no more, when they asked."""
        at = date_format(localtime(call_back.requested_at), "DATETIME_FORMAT")
        if call_back.ended_at:
            return at
        return format_html('<span title="{}">{} ago</span>', at, timesince(call_back.requested_at, clock.now()))

    @display(description="Status", label=_COLOURS)
    def status_label(self, call_back: CallBack) -> tuple[str, str]:
        """In the colour of its urgency."""
        return call_back.status, str(call_back.get_status_display())

    @display(description="Why Amazon Connect did not call")
    def why(self, call_back: CallBack) -> str:
        """Nothing, where it has called."""
        return call_back.reason or "-"

    @display(description="Ended")
    def ended(self, call_back: CallBack) -> str:
        """When, and by whom."""
        if not call_back.ended_at:
            return "-"
        at = date_format(localtime(call_back.ended_at), "DATETIME_FORMAT")
        return f"{at}, by {call_back.closed_by or 'Amazon Connect'}"

    @display(description="Campaign")
    def campaign(self, call_back: CallBack) -> str:
        """The one they were texted by."""
        return call_back.subject or "-"
