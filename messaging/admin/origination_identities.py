"""The numbers we send from: editable; pausing, resuming and the default go through the doors that the API uses."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from messaging import numbers, selectors
from messaging.admin.base import Admin, WithReason, action, back_to, dialog, display
from messaging.forms import OriginationIdentityForm
from messaging.models import OriginationIdentity
from messaging.outbound import pauses

_COLOURS = {"paused": "danger", "held": "warning", "inactive": "", "running": "success"}


@admin.register(OriginationIdentity)
class OriginationIdentityAdmin(Admin):
    """Origination identities."""

    nothing_yet = "No numbers yet"
    nothing_yet_hint = "Add the numbers that you have at AWS; texts leave from them."
    form = OriginationIdentityForm
    list_display = ("identity", "kind", "iso_country_code", "mps", "is_default", "lane_state", "lane_reason")
    list_filter = ("kind", "active")
    search_fields = ("identity",)
    readonly_fields = ("lane_in_words", "lane_reason", "is_default", "pool", "aws_state", "mirrored_at")
    actions_detail = ("resume", "pause", "make_default")
    fieldsets = (
        (None, {"fields": ("identity", "lane_in_words", "lane_reason", "is_default")}),
        ("AWS", {"fields": ("kind", "iso_country_code", "mps", "two_way", "self_managed_opt_outs", "active")}),
        ("As manage.py sync_numbers found it in the account", {"fields": ("aws_state", "pool", "mirrored_at")}),
    )
    add_fieldsets = (
        (None, {"fields": ("identity", "kind", "iso_country_code", "mps", "two_way", "self_managed_opt_outs")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[OriginationIdentity]:
        """Each with its lane."""
        return selectors.origination_identities().order_by("identity")

    def get_readonly_fields(self, request: HttpRequest, obj: OriginationIdentity | None = None) -> tuple[str, ...]:
        """Texts name the number they leave from: it is never renamed."""
        return (*self.readonly_fields, "identity") if obj else self.readonly_fields

    def change_view(self, request: HttpRequest, object_id: str, *arguments: Any, **options: Any) -> HttpResponse:
        """The form, below a banner while sending is paused or held."""
        number = self.get_object(request, object_id) if request.method == "GET" else None
        if number and self.has_view_permission(request, number):
            self._tell_why_nothing_is_sent(request, number)
        answer: HttpResponse = super().change_view(request, object_id, *arguments, **options)
        return answer

    def save_model(self, request: HttpRequest, obj: OriginationIdentity, form: Any, change: bool) -> None:
        """Write what was changed and nothing else: others may be changing the rest."""
        if not change:
            obj.save()
        elif form.changed_data:
            obj.save(update_fields=form.changed_data)

    @action(
        description="Resume sending",
        permissions=["change"],
        icon="play_arrow",
        dialog=dialog("Resume sending", "Waiting texts leave at once. Do this when the reason is mended.", "Resume"),
    )
    def resume(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Let a paused number go on."""
        number = self._number(request, object_id)
        if pauses.resume(number.identity):
            self.message_user(request, f"Sending from {number} goes on.", messages.SUCCESS)
        else:
            self.message_user(request, f"Sending from {number} was not paused.", messages.INFO)
        return self._back(request, number)

    @action(
        description="Pause sending",
        permissions=["change"],
        icon="pause",
        dialog=dialog("Pause sending", "Texts wait, alerts too, until somebody resumes.", "Pause", WithReason),
    )
    def pause(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Hold back everything from this number."""
        number = self._number(request, object_id)
        reason = f"{form.cleaned_data['reason']} ({request.user.get_username()})"
        if pauses.pause(number.identity, reason):
            self.message_user(request, f"Sending from {number} is paused.", messages.SUCCESS)
        else:
            self.message_user(request, f"Sending from {number} was paused before; its reason stays.", messages.WARNING)
        return self._back(request, number)

    @action(
        description="Make default",
        permissions=["change"],
        icon="star",
        dialog=dialog("Make default", "Texts for which nothing else decides leave from this number.", "Make default"),
    )
    def make_default(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Instead of the one that was."""
        number = self._number(request, object_id)
        numbers.make_default(number)
        self.message_user(request, f"{number} is the default now.", messages.SUCCESS)
        return self._back(request, number)

    @display(description="Lane", label=_COLOURS)
    def lane_state(self, number: OriginationIdentity) -> tuple[str, str]:
        """Whether texts leave."""
        state = _state(number)
        return state, state.capitalize()

    @display(description="Lane")
    def lane_in_words(self, number: OriginationIdentity) -> str:
        """The same without colour, for the page of one number."""
        return self.lane_state(number)[1]

    @display(description="Because")
    def lane_reason(self, number: OriginationIdentity) -> str:
        """Why nothing is sent, and what is to be done."""
        return _stop(number)[1]

    def _tell_why_nothing_is_sent(self, request: HttpRequest, number: OriginationIdentity) -> None:
        since, reason = _stop(number)
        if since is None:
            if (lane := getattr(number, "lane", None)) and lane.limited_at:
                self.message_user(request, f"Campaigns wait. {lane.limited_reason}", messages.WARNING)
            return
        state = _state(number)
        sentence = (
            f"Sending from {number} is {state} since {date_format(localtime(since), 'DATETIME_FORMAT')}: {reason}"
        )
        self.message_user(request, sentence, messages.ERROR if state == "paused" else messages.WARNING)

    def _number(self, request: HttpRequest, object_id: str) -> OriginationIdentity:
        number: OriginationIdentity | None = self.get_object(request, object_id)
        if number is None:
            raise Http404
        return number

    def _back(self, request: HttpRequest, number: OriginationIdentity) -> HttpResponse:
        return back_to(request, "messaging_originationidentity_change", number.pk)


def _state(number: OriginationIdentity) -> str:
    # A number that never sent has no lane yet.
    lane = getattr(number, "lane", None)
    if lane and lane.paused_at:
        return "paused"
    if not number.active:
        return "inactive"
    return "held" if lane and lane.held_at else "running"


def _stop(number: OriginationIdentity) -> tuple[datetime | None, str]:
    """Since when nothing is sent, and why."""
    match _state(number):
        case "paused":
            return number.lane.paused_at, number.lane.paused_reason
        case "held":
            return number.lane.held_at, number.lane.held_reason
    return None, ""
