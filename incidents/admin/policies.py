"""Escalation policies, with their steps in place."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from incidents.models import EscalationPolicy, PolicyStep
from messaging.admin.base import Admin, display


class PolicyStepInline(TabularInline):  # type: ignore[misc]
    """The steps, in order."""

    model = PolicyStep
    fields = ("position", "contacts", "wait_seconds", "reminders")
    autocomplete_fields = ("contacts",)
    extra = 0
    min_num = 1


@admin.register(EscalationPolicy)
class EscalationPolicyAdmin(Admin):
    """Policies. Incidents that run have their own copy."""

    list_display = ("name", "description", "in_short")
    search_fields = ("name", "description")
    inlines = (PolicyStepInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[EscalationPolicy]:
        """With steps and people."""
        rows: QuerySet[EscalationPolicy] = super().get_queryset(request).prefetch_related("steps__contacts")
        return rows

    @display(description="Steps")
    def in_short(self, policy: EscalationPolicy) -> str:
        """Who is asked after whom."""
        steps = policy.steps.all()
        return " → ".join(" + ".join(str(one) for one in step.contacts.all()) or "nobody" for step in steps)
