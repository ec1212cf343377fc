"""Incidents: the list by urgency, one incident as a timeline, and what staff can do about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Case, IntegerField, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.timesince import timeuntil
from unfold.enums import ActionVariant

from incidents import lifecycle, selectors
from incidents.admin.forms import ActionForm, DeclineForm, NoteForm, OpenIncidentForm
from incidents.admin.inlines import StepInline, TimelineInline
from incidents.admin.reports import as_csv
from incidents.models import Incident, Status
from incidents.reports import by_contact, by_day
from messaging import clock
from messaging.admin.base import Admin, action, back_to, dialog, display

_COLOURS = {
    Status.NOT_ACKNOWLEDGED.value: "danger",
    Status.UNACKNOWLEDGED.value: "warning",
    Status.ACKNOWLEDGED.value: "success",
    Status.CANCELLED.value: "",
    Status.RESOLVED.value: "",
}
_OPEN = (Status.NOT_ACKNOWLEDGED,)
_ENDED = (Status.ACKNOWLEDGED, Status.UNACKNOWLEDGED, Status.CANCELLED)
# What is offered in which status; lifecycle decides in any case.
_OFFERED = {
    "acknowledge": (Status.NOT_ACKNOWLEDGED, Status.UNACKNOWLEDGED),
    "decline": _OPEN,
    "escalate": _OPEN,
    "cancel": _OPEN,
    "resolve": _ENDED,
    "note": tuple(Status),
}
# An open incident before one logged for review, before one somebody has, before what is over.
_URGENCY = Case(
    When(status=Status.NOT_ACKNOWLEDGED, then=Value(0)),
    When(status=Status.UNACKNOWLEDGED, then=Value(1)),
    When(status=Status.ACKNOWLEDGED, then=Value(2)),
    default=Value(3),
    output_field=IntegerField(),
)


@admin.register(Incident)
class IncidentAdmin(Admin):
    """Incidents. After they are opened they change by actions only."""

    list_display = ("incident_id", "status_label", "begins", "clock", "acknowledged_by", "opened_at")
    list_filter = ("status", "double_escalation", "late", ("opened_at", admin.DateFieldListFilter))
    search_fields = ("incident_id", "description", "steps__contacts__phone_number", "steps__contacts__name")
    search_help_text = "An id, words of the description, or a contact's name or number."
    show_full_result_count = False
    inlines = (StepInline, TimelineInline)
    actions = None
    actions_list = ("export_days", "export_contacts")
    actions_detail = ("acknowledge", "decline", "escalate", "cancel", "resolve", "note")
    add_fieldsets = (
        (None, {"fields": ("incident_id", "description", "url")}),
        ("Who is asked", {"fields": (("first_contact", "second_contact"), "escalation_policy")}),
        ("How", {"fields": (("wait_seconds", "origination_identity"),)}),
    )
    fieldsets = (
        (None, {"fields": ("incident_id", "status_label", "description", "link", "clock")}),
        (
            "How it went",
            {
                "fields": (
                    ("opened_at", "opened_by"),
                    ("first_text_at", "time_to_first_text"),
                    ("acknowledged_at", "acknowledged_by", "time_to_acknowledgement", "late"),
                    ("ended_at", "resolved_at"),
                    ("escalations", "double_escalation"),
                    "not_reached",
                )
            },
        ),
        ("How it was opened", {"fields": (("policy", "wait_seconds", "origination_identity"),)}),
    )
    readonly_fields = (
        "status_label",
        "link",
        "clock",
        "time_to_first_text",
        "time_to_acknowledgement",
        "escalations",
        "not_reached",
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is edited after the opening; see has_act_permission."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An id answers for ever."""
        return False

    def has_act_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may change incidents may act on them."""
        return bool(request.user.has_perm("incidents.change_incident"))

    def has_report_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may see incidents may see how they went."""
        return bool(request.user.has_perm("incidents.view_incident"))

    def get_ordering(self, request: HttpRequest) -> Any:
        """The most urgent first, then the newest."""
        return (_URGENCY.asc(), "-opened_at", "-id")

    def get_fieldsets(self, request: HttpRequest, obj: Incident | None = None) -> Any:
        """A form to open with, a page to read afterwards."""
        return self.fieldsets if obj else self.add_fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Incident | None = None) -> Any:
        """Nothing of the form that opens."""
        return self.readonly_fields if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Incident | None = None) -> Any:
        """None before there is anything."""
        return self.inlines if obj else ()

    def get_form(self, request: HttpRequest, obj: Incident | None = None, change: bool = False, **options: Any) -> Any:
        """The form that opens has fields which are no columns."""
        if obj is None:
            return OpenIncidentForm
        return super().get_form(request, obj, change=change, **options)

    def save_model(self, request: HttpRequest, obj: Incident, form: Any, change: bool) -> None:
        """Opening is lifecycle's."""
        incident, _ = lifecycle.open_incident(form.request(), actor=request.user.get_username())
        obj.pk = incident.pk

    def get_actions_detail(self, request: HttpRequest, object_id: Any = None) -> Any:
        """Only what the status allows."""
        incident = Incident.objects.filter(pk=object_id).first() if str(object_id).isdecimal() else None
        offered = super().get_actions_detail(request, object_id)
        if incident is None:
            return offered
        return [
            one
            for one in offered
            if incident.status in _OFFERED.get(one.action_name.rsplit("_incident_", 1)[-1], tuple(Status))
        ]

    @action(
        description="Acknowledge",
        permissions=["act"],
        icon="check",
        variant=ActionVariant.SUCCESS,
        dialog=dialog("Acknowledge", "Somebody takes it; everybody else who was asked is told.", "OK", ActionForm),
    )
    def acknowledge(self, request: HttpRequest, form: ActionForm, object_id: str) -> HttpResponse:
        """Somebody takes it."""
        return self._act(request, object_id, lifecycle.acknowledge, form, "is acknowledged")

    @action(
        description="Decline for",
        permissions=["act"],
        icon="close",
        dialog=dialog("Decline for a contact", "They cannot take it. The next is asked at once.", "OK", DeclineForm),
    )
    def decline(self, request: HttpRequest, form: ActionForm, object_id: str) -> HttpResponse:
        """A contact cannot take it."""
        return self._act(request, object_id, lifecycle.decline, form, "was declined")

    @action(
        description="Escalate now",
        permissions=["act"],
        icon="arrow_upward",
        dialog=dialog("Escalate now", "The next step is asked at once.", "Escalate", ActionForm),
    )
    def escalate(self, request: HttpRequest, form: ActionForm, object_id: str) -> HttpResponse:
        """The next step."""
        return self._act(request, object_id, lifecycle.escalate, form, "was escalated")

    @action(
        description="Cancel",
        permissions=["act"],
        icon="cancel",
        variant=ActionVariant.DANGER,
        dialog=dialog("Cancel", "Those who were asked are told that nothing is to be done.", "Cancel it", ActionForm),
    )
    def cancel(self, request: HttpRequest, form: ActionForm, object_id: str) -> HttpResponse:
        """Withdraw it."""
        return self._act(request, object_id, lifecycle.cancel, form, "was cancelled")

    @action(
        description="Resolve",
        permissions=["act"],
        icon="done_all",
        dialog=dialog("Resolve", "It is over. Nobody is texted.", "Resolve", ActionForm),
    )
    def resolve(self, request: HttpRequest, form: ActionForm, object_id: str) -> HttpResponse:
        """Close it."""
        return self._act(request, object_id, lifecycle.resolve, form, "is resolved")

    @action(
        description="Add a note",
        permissions=["act"],
        icon="edit_note",
        dialog=dialog("Add a note", "It is kept on the timeline with your name.", "Add", NoteForm),
    )
    def note(self, request: HttpRequest, form: ActionForm, object_id: str) -> HttpResponse:
        """Write on the timeline."""
        return self._act(request, object_id, lifecycle.add_note, form, "has your note")

    @action(description="Report by day", url_path="report-by-day", permissions=["report"], icon="download")
    def export_days(self, request: HttpRequest) -> HttpResponse:
        """CSV, one line a day."""
        return as_csv("incidents-by-day.csv", by_day())

    @action(description="Report by contact", url_path="report-by-contact", permissions=["report"], icon="download")
    def export_contacts(self, request: HttpRequest) -> HttpResponse:
        """CSV, one line a contact."""
        return as_csv("incidents-by-contact.csv", by_contact())

    def _act(
        self,
        request: HttpRequest,
        object_id: str,
        act: Callable[..., lifecycle.Outcome],
        form: ActionForm,
        done: str,
    ) -> HttpResponse:
        incident = Incident.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if incident is None:
            raise Http404
        try:
            act(incident.incident_id, actor=request.user.get_username(), **form.given())
        except (lifecycle.NotAllowed, lifecycle.NotAContact) as problem:
            self.message_user(request, str(problem), messages.ERROR)
        else:
            self.message_user(request, f"Incident {incident} {done}.", messages.SUCCESS)
        return back_to(request, "incidents_incident_change", incident.pk)

    @display(description="Status", label=_COLOURS)
    def status_label(self, incident: Incident) -> tuple[str, str]:
        """In the colour of its urgency."""
        return incident.status, incident.get_status_display() + (" (late)" if incident.late else "")

    @display(description="Description")
    def begins(self, incident: Incident) -> str:
        """Enough of it to know it by."""
        return incident.description if len(incident.description) <= 60 else f"{incident.description[:59]}…"

    @display(description="Next step")
    def clock(self, incident: Incident) -> str:
        """How long until the next step; or what it waits for."""
        if not incident.is_open:
            return "-"
        if incident.next_step_at is None:
            return f"step {incident.step}: waits for a text to be sent"
        seconds = (incident.next_step_at - clock.now()).total_seconds()
        left = f"{max(seconds, 0):.0f} s" if seconds < 120 else timeuntil(incident.next_step_at, clock.now())
        return f"step {incident.step}: in {left}"

    @display(description="Link")
    def link(self, incident: Incident) -> str:
        """To be followed, if it is one."""
        if incident.url.startswith(("http://", "https://")):
            return format_html('<a href="{0}" target="_blank" rel="noreferrer">{0}</a>', incident.url)
        return incident.url or "-"

    @display(description="Time to first text")
    def time_to_first_text(self, incident: Incident) -> str:
        """From the opening."""
        return str(selectors.figures(incident).time_to_first_text or "-")

    @display(description="Time to acknowledgement")
    def time_to_acknowledgement(self, incident: Incident) -> str:
        """From the opening."""
        return str(selectors.figures(incident).time_to_acknowledgement or "-")

    @display(description="Not reached")
    def not_reached(self, incident: Incident) -> str:
        """Who could not be texted, and why."""
        lines = selectors.not_reached(incident)
        return format_html_join("", "{}: {}<br>", [(one.phone_number, one.text or one.kind) for one in lines]) or "-"

    @display(description="Escalations")
    def escalations(self, incident: Incident) -> int:
        """How often the next step was asked."""
        return selectors.figures(incident).escalations
