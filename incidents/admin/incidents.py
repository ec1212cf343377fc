"""Incidents: the list by urgency, the form that opens one, and one incident as a story (incidents.admin.page)."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.forms import Script
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from incidents import lifecycle
from incidents.admin import words
from incidents.admin.actions import ActingAdmin
from incidents.admin.forms import OpenIncidentForm
from incidents.admin.page import StoryAdmin
from incidents.admin.story import TONES, label_of
from incidents.models import Incident, IncidentContact, Status
from messaging import clock
from messaging.admin.base import display

# An open incident before one logged for review, before one somebody has, before what is over.
_URGENCY = Case(
    When(status=Status.NOT_ACKNOWLEDGED, then=Value(0)),
    When(status=Status.UNACKNOWLEDGED, then=Value(1)),
    When(status=Status.ACKNOWLEDGED, then=Value(2)),
    default=Value(3),
    output_field=IntegerField(),
)
_WHO = (
    "Either the people you name here, one after the other, or everybody of an escalation policy, step by step. "
    "Not both: leave the contacts empty when you choose a policy."
)


@admin.register(Incident)
class IncidentAdmin(ActingAdmin, StoryAdmin):
    """Incidents. After they are opened they change by actions only."""

    list_display = ("incident_id", "status_label", "begins", "clock", "taken_by", "opened")
    list_filter = ("status", "double_escalation", "late", ("opened_at", admin.DateFieldListFilter))
    search_fields = ("incident_id", "description", "steps__contacts__phone_number", "steps__contacts__name")
    search_help_text = "An id, words of the description, or a contact's name or number."
    show_full_result_count = False
    add_fieldsets = (
        (None, {"fields": ("incident_id", "description", "url")}),
        (
            "Who is asked",
            {"description": _WHO, "fields": (("first_contact", "second_contact"), "escalation_policy")},
        ),
        ("How", {"fields": (("wait_seconds", "origination_identity"),)}),
    )

    class Media:
        css = {"all": ("incidents/incident.css",)}
        js = (Script("incidents/incident.js", defer=True),)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is edited after the opening; see has_act_permission."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An id answers for ever."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Incident]:
        """With the name of who has it."""
        rows: QuerySet[Incident] = super().get_queryset(request)
        who = IncidentContact.objects.filter(step__incident=OuterRef("pk"), phone_number=OuterRef("acknowledged_by"))
        return rows.annotate(acknowledged_name=Subquery(who.exclude(name="").values("name")[:1]))

    def get_ordering(self, request: HttpRequest) -> Any:
        """The most urgent first, then the newest."""
        return (_URGENCY.asc(), "-opened_at", "-id")

    def get_fieldsets(self, request: HttpRequest, obj: Incident | None = None) -> Any:
        """A form to open with; afterwards a story, which has no fields."""
        return () if obj else self.add_fieldsets

    def get_form(self, request: HttpRequest, obj: Incident | None = None, change: bool = False, **options: Any) -> Any:
        """The form that opens has fields which are no columns."""
        if obj is None:
            return OpenIncidentForm
        return super().get_form(request, obj, change=change, **options)

    def save_model(self, request: HttpRequest, obj: Incident, form: Any, change: bool) -> None:
        """Opening is lifecycle's."""
        incident, _ = lifecycle.open_incident(form.request(), actor=request.user.get_username())
        obj.pk = incident.pk

    @display(description="Status", label=TONES, ordering="status")
    def status_label(self, incident: Incident) -> tuple[str, str]:
        """In the colour of its urgency."""
        return incident.status, label_of(incident)

    @display(description="Description")
    def begins(self, incident: Incident) -> str:
        """Enough of it to know it by."""
        text = incident.description
        begins = text if len(text) <= 60 else f"{text[:59]}…"
        return format_html('<span class="incident-begins" title="{}">{}</span>', text, begins)

    @display(description="Next step")
    def clock(self, incident: Incident) -> str:
        """How long until the next step; or what it waits for."""
        if not incident.is_open:
            return "-"
        if incident.next_step_at is None:
            return "waits for AWS"
        return format_html(
            '<time datetime="{}" title="at {}">{}</time>',
            incident.next_step_at.isoformat(),
            date_format(timezone.localtime(incident.next_step_at), "H:i:s"),
            words.left(incident.next_step_at, clock.now()),
        )

    @display(description="Acknowledged by", ordering="acknowledged_by")
    def taken_by(self, incident: Incident) -> str:
        """By name, if the contact had one."""
        name = getattr(incident, "acknowledged_name", None)
        if not name:
            return incident.acknowledged_by or "-"
        return format_html('<span title="{}">{}</span>', incident.acknowledged_by, name)

    @display(description="Opened", ordering="opened_at")
    def opened(self, incident: Incident) -> str:
        """As a time if it is today's, else with the day."""
        at = timezone.localtime(incident.opened_at)
        today = at.date() == timezone.localdate(clock.now())
        return format_html(
            '<time datetime="{}" title="{}">{}</time>',
            at.isoformat(),
            date_format(at, "j F Y, H:i:s"),
            date_format(at, "H:i:s" if today else "j M Y, H:i"),
        )
