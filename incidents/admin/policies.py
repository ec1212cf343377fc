"""Escalation policies, with their steps in place."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from unfold.admin import TabularInline

from incidents.models import EscalationPolicy, PolicyStep
from messaging.admin.base import Admin, display


class StepsInOrder(BaseInlineFormSet):  # type: ignore[type-arg]
    """Steps whose position may be left out: they follow those that have one, in the order of the form."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """The fields of one step."""
        super().add_fields(form, index)
        form.fields["position"].required = False

    def clean(self) -> None:
        """Number the steps that have no position."""
        super().clean()
        kept = [form for form in self.forms if form.has_changed() or form.instance.pk]
        kept = [form for form in kept if form not in self.deleted_forms]
        kept = [form for form in kept if hasattr(form, "cleaned_data")]
        last = max((form.cleaned_data.get("position") or 0 for form in kept), default=0)
        for form in kept:
            if not form.cleaned_data.get("position"):
                last += 1
                form.instance.position = form.cleaned_data["position"] = last


class PolicyStepInline(TabularInline):  # type: ignore[misc]
    """The steps, in order."""

    model = PolicyStep
    formset = StepsInOrder
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
