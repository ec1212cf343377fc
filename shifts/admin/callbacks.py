"""The queue of people who texted AGENT and wait for a person to call."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import Script
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminExpandableTextareaWidget, UnfoldAdminSelectWidget

from messaging import clock
from messaging.admin.base import HistoryAdmin, action, back_to, dialog, display
from messaging.selectors import with_names
from shifts.admin import callbacks_cards as cards
from shifts.calls import callbacks, people
from shifts.models import CallBack

Status = CallBack.Status

_COLOURS = {
    Status.WAITING.value: "warning",
    Status.TAKEN.value: "info",
    Status.PLACING.value: "info",
    Status.CALLED.value: "success",
    Status.CLOSED.value: "",
    Status.FAILED.value: "danger",
}
# Large enough for a thumb; on a narrow page the list has its values at the right.
_WHO = '<span class="flex flex-col text-right lg:text-left"><a href="tel:{}" class="py-1 underline">{}</a>{}</span>'
_FOR_COLLEAGUES = "For your colleagues. May be left empty."
_GIVE_UP = "no"


class ByStatus(admin.SimpleListFilter):
    """Who waits for a person, unless something else is chosen."""

    title = "status"
    parameter_name = "status"
    _all = "all"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """What may be chosen; the queue of the staff comes first."""
        others = (Status.PLACING, Status.CALLED, Status.CLOSED, Status.FAILED)
        return [
            (Status.WAITING.value, "To call"),
            *((status.value, status.label) for status in others),
            (self._all, "All"),
        ]

    def value(self) -> str:
        """The queue, when nothing is chosen."""
        return super().value() or Status.WAITING.value

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Those of lookups; Django would put one before them that stands for no choice."""
        choices = super().choices(changelist)
        next(choices)
        yield from choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[CallBack]) -> QuerySet[CallBack]:
        """Call backs in the status chosen. Who is being called belongs to the queue: it may come back."""
        if self.value() == self._all:
            return queryset
        if self.value() == Status.WAITING:
            return queryset.filter(status__in=(Status.WAITING, Status.TAKEN))
        return queryset.filter(status=self.value())


class NoteForm(BaseDialogForm):  # type: ignore[misc]
    """Asks what came of it."""

    note = forms.CharField(
        required=False, max_length=500, widget=UnfoldAdminExpandableTextareaWidget, help_text=_FOR_COLLEAGUES
    )


class NotReachedForm(NoteForm):
    """Asks when they are to be tried again."""

    again = forms.ChoiceField(
        label="Try again",
        choices=[*((str(minutes), told) for minutes, told in people.LATER.items()), (_GIVE_UP, "No more: give it up")],
        initial=str(next(iter(people.LATER))),
        widget=UnfoldAdminSelectWidget,
    )
    field_order = ("again", "note")


@admin.register(CallBack)
class CallBackAdmin(HistoryAdmin):
    """Call backs. One person takes each, calls, and says what came of it."""

    change_list_template = "shifts/admin/callbacks.html"
    change_form_outer_before_template = "shifts/admin/callback.html"
    list_display = ("who", "asked", "status_label", "ended")
    list_display_links = ("asked",)
    list_filter = (ByStatus,)
    search_fields = ("phone_number",)
    search_help_text = "A phone number in any form."
    phone_number_field = "phone_number"
    actions = None
    # Offered by the card, as the status allows.
    actions_detail = ("called", "not_reached", "release", "close")
    readonly_fields = ("number", "asked", "standing", "why", "ended", "campaign")
    fieldsets = (
        (None, {"fields": ("number", "asked", "standing", "why")}),
        ("What became of it", {"fields": ("ended", "closed_by", "note")}),
        ("Belongs to", {"fields": ("origination_identity", "campaign", "contact_id")}),
    )

    class Media:
        css = {"all": ("messaging/pages.css", "shifts/callbacks.css")}
        js = (Script("shifts/callbacks.js", defer=True),)

    def has_act_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Calling is a change of it, though its form stays closed."""
        return bool(request.user.has_perm("shifts.change_callback"))

    def get_urls(self) -> list[URLPattern]:
        """With the one button that asks nothing first: seconds count, and it is undone by one more."""
        take = self.admin_site.admin_view(require_POST(self.take))
        return [path("<path:object_id>/take/", take, name="shifts_callback_take"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallBack]:
        """Each with the name of who wants to be called, and with who has tried."""
        return with_names(super().get_queryset(request), "phone_number").prefetch_related("tries")

    def get_ordering(self, request: HttpRequest) -> Any:
        """Of the queue one's own first, then whom nobody calls, the longest waiting first; else the newest first."""
        return cards.order(request.user.get_username(), clock.now()) if _is_queue(request) else self.ordering

    def get_actions_detail(self, request: HttpRequest, object_id: Any = None) -> Any:
        """None: the card has them."""
        return []

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The queue as cards; the rest as a list."""
        answer: HttpResponse = super().changelist_view(request, {"title": "Call backs"} | (extra_context or {}))
        # Going to another page, there is no list.
        context = getattr(answer, "context_data", None) or {}
        if "cl" in context and _is_queue(request):
            context["cards"] = [self._card(request, one) for one in context["cl"].result_list]
        return answer

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """With its card, and with who has tried."""
        if obj is not None:
            context["card"] = self._card(request, obj)
            context["tries"] = cards.history(obj, clock.now())
        answer: HttpResponse = super().render_change_form(request, context, *arguments, obj=obj, **options)
        return answer

    @action(description="I call now", permissions=["act"])
    def take(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Nobody else calls them meanwhile."""
        return self._do(
            request,
            object_id,
            callbacks.take,
            "You have {name}. Call them, and say below what came of it: after {minutes} minutes others may call.",
        )

    @action(
        description="Called",
        permissions=["act"],
        dialog=dialog("Called", "You have talked to them. Your name is kept with it.", "Close", NoteForm),
    )
    def called(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """They were reached."""
        note = form.cleaned_data["note"]
        return self._do(request, object_id, callbacks.called, "The call back of {name} is closed.", note=note)

    @action(
        description="Not reached",
        permissions=["act"],
        dialog=dialog("Not reached", "They wait on, and nobody calls before that.", "Save", NotReachedForm),
    )
    def not_reached(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Later, or no more."""
        told, again_at = "{name} was not reached, and the call back is given up.", None
        if (minutes := form.cleaned_data["again"]) != _GIVE_UP:
            again_at = clock.now() + timedelta(minutes=int(minutes))
            told = f"{{name}} is to be called again from {date_format(localtime(again_at), 'D j M, H:i')} on."
        note = form.cleaned_data["note"]
        return self._do(request, object_id, callbacks.not_reached, told, note=note, again_at=again_at)

    @action(
        description="Give back",
        permissions=["act"],
        dialog=dialog("Give back", "You do not call them after all: a colleague may, at once.", "Give back"),
    )
    def release(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Somebody else calls them."""
        return self._do(request, object_id, callbacks.release, "{name} waits for a colleague to call.")

    @action(
        description="Close without a call",
        permissions=["act"],
        dialog=dialog(
            "Close without a call", "It was dealt with in another way. Your name is kept with it.", "Close", NoteForm
        ),
    )
    def close(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Take it off the queue."""
        note = form.cleaned_data["note"]
        return self._do(request, object_id, callbacks.close, "The call back of {name} is closed.", note=note)

    def _do(
        self, request: HttpRequest, object_id: str, act: Callable[..., CallBack], told: str, **values: Any
    ) -> HttpResponse:
        """Do it, say what came of it, and go back to the queue."""
        try:
            pk = int(object_id) if object_id.isdecimal() and len(object_id) < 19 else 0
            row = act(pk, actor=request.user.get_username(), **values)
        except CallBack.DoesNotExist as problem:
            raise Http404 from problem
        except callbacks.NotAllowed as problem:
            self.message_user(request, str(problem), messages.WARNING)
        else:
            name = cards.name_of(row)
            minutes = int(people.HOLDS.total_seconds() // 60)
            self.message_user(request, told.format(name=name, minutes=minutes), messages.SUCCESS)
        return back_to(request, "shifts_callback_changelist")

    def _card(self, request: HttpRequest, row: CallBack) -> cards.Card:
        actor = request.user.get_username() if self.has_act_permission(request) else ""
        return cards.card(row, actor, clock.now())

    @display(description="Call")
    def who(self, call_back: CallBack) -> str:
        """The number, to be called by a tap, and the name."""
        number = call_back.phone_number
        return format_html(_WHO, number, number, getattr(call_back, "person", None) or "")

    @display(description="Asked")
    def asked(self, call_back: CallBack) -> str:
        """When."""
        return date_format(localtime(call_back.requested_at), "DATETIME_FORMAT")

    @display(description="Status", label=_COLOURS)
    def status_label(self, call_back: CallBack) -> tuple[str, str]:
        """In the colour of its urgency."""
        return call_back.status, str(call_back.get_status_display())

    @display(description="Call")
    def number(self, call_back: CallBack) -> str:
        """As in the list, on the page of one."""
        number, name = call_back.phone_number, getattr(call_back, "person", None) or ""
        return format_html('<a href="tel:{}" class="underline">{}</a> {}', number, number, name)

    @display(description="Status")
    def standing(self, call_back: CallBack) -> str:
        """In words; a page has no labels."""
        return str(call_back.get_status_display())

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


def _is_queue(request: HttpRequest) -> bool:
    """Whether the list is that of whom to call, as it is when nothing is chosen."""
    return request.GET.get(ByStatus.parameter_name, "") in ("", Status.WAITING)
