"""What is shown below an incident: who is asked, and what happened."""

from django.db.models import QuerySet
from django.http import HttpRequest

from incidents.models import IncidentStep, TimelineEntry
from messaging.admin.base import ReadOnlyInline, display


class StepInline(ReadOnlyInline):
    """Who is asked, in order."""

    model = IncidentStep
    verbose_name_plural = "contacts"
    fields = ("position", "people", "wait_seconds", "reminders")
    readonly_fields = fields

    @display(description="People")
    def people(self, step: IncidentStep) -> str:
        """Each with what they are to the incident."""
        return ", ".join(f"{one} ({one.get_state_display().lower()})" for one in step.contacts.all())

    def get_queryset(self, request: HttpRequest) -> QuerySet[IncidentStep]:
        """With their people."""
        rows: QuerySet[IncidentStep] = super().get_queryset(request).prefetch_related("contacts")
        return rows


class TimelineInline(ReadOnlyInline):
    """What happened."""

    model = TimelineEntry
    verbose_name_plural = "timeline"
    fields = ("at", "kind", "phone_number", "actor", "text")
    readonly_fields = fields
    ordering = ("at", "id")
