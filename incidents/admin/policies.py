"""Escalation policies, with their steps in place."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList as DjangosChangeList
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import Script
from django.forms.models import BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html
from unfold.admin import TabularInline
from unfold.forms import BaseDialogForm
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminTextInputWidget

from incidents import policies
from incidents.admin.policy_picture import draw, refused
from incidents.models import EscalationPolicy, PolicyStep
from messaging.admin.base import Admin, action, back_to, dialog, display


class StepsInOrder(BaseInlineFormSet):  # type: ignore[type-arg]
    """Steps whose position may be left out: they follow those that have one, in the order of the form."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """The fields of one step."""
        super().add_fields(form, index)
        form.fields["position"].required = False
        # The heads of the columns are no labels of the fields.
        for name in ("position", "contacts", "wait_seconds", "reminders"):
            form.fields[name].widget.attrs["aria-label"] = form.fields[name].label or name

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


class DuplicateForm(BaseDialogForm):  # type: ignore[misc]
    """The name of the copy."""

    name = forms.CharField(
        max_length=100, widget=UnfoldAdminTextInputWidget, help_text="Incidents will be opened with it."
    )

    def clean_name(self) -> str:
        """Free, and one that a policy may have."""
        name: str = self.cleaned_data["name"]
        try:
            EscalationPolicy(name=name).full_clean()
        except ValidationError as invalid:
            raise ValidationError(invalid.messages) from invalid
        return name


@admin.register(EscalationPolicy)
class EscalationPolicyAdmin(Admin):
    """Policies. Incidents that run have their own copy."""

    list_display = ("name", "in_short", "ends", "beware")
    search_fields = ("name", "description")
    search_help_text = "Name or description"
    list_per_page = 50
    show_full_result_count = False
    inlines = (PolicyStepInline,)
    actions_detail = ("duplicate",)
    change_form_outer_before_template = "incidents/admin/policy.html"

    class Media:
        css = {"all": ("messaging/pages.css", "incidents/open.css")}
        js = (Script("messaging/dialogs.js", defer=True), Script("incidents/policy.js", defer=True))

    def has_duplicate_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may add policies."""
        return bool(request.user.has_perm("incidents.add_escalationpolicy"))

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[DjangosChangeList]:
        """With what is to be known of the people of a whole page."""
        return PolicyList

    def get_queryset(self, request: HttpRequest) -> QuerySet[EscalationPolicy]:
        """With steps and people."""
        rows: QuerySet[EscalationPolicy] = super().get_queryset(request).prefetch_related("steps__contacts")
        return rows

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """With the ladder as it is saved."""
        if obj is not None:
            context["picture"] = draw(obj, refused([obj]))
        answer: HttpResponse = super().render_change_form(request, context, *arguments, obj=obj, **options)
        return answer

    @display(description="Steps")
    def in_short(self, policy: EscalationPolicy) -> str:
        """Who is asked after whom."""
        steps = policy.steps.all()
        people = " → ".join(" + ".join(str(one) for one in step.contacts.all()) or "nobody" for step in steps)
        return format_html('<span class="policy-steps" title="{}">{}</span>', people, people or "none")

    @display(description="Logged for review")
    def ends(self, policy: EscalationPolicy) -> str:
        """After how long, if nobody answers."""
        return draw(policy, {}).ends

    @display(description="Beware")
    def beware(self, policy: EscalationPolicy) -> str:
        """What is wrong with it, if anything."""
        warnings = draw(policy, getattr(policy, "refused", {})).warnings
        if not warnings:
            return "-"
        more = f" (and {len(warnings) - 1} more)" if len(warnings) > 1 else ""
        return format_html('<span class="policy-beware" title="{}">{}{}</span>', "\n".join(warnings), warnings[0], more)

    @action(
        description="Duplicate",
        permissions=["duplicate"],
        icon="content_copy",
        dialog=dialog("Duplicate", "A new policy with the same steps and people.", "Duplicate", DuplicateForm),
    )
    def duplicate(self, request: HttpRequest, form: DuplicateForm, object_id: str) -> HttpResponse:
        """A copy to go on from."""
        policy = EscalationPolicy.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if policy is None:
            raise Http404
        copy = policies.duplicate(policy, form.cleaned_data["name"])
        self.message_user(request, f"{copy} has the steps of {policy}.", messages.SUCCESS)
        may_see = request.user.has_perm("incidents.view_escalationpolicy")
        return back_to(request, "incidents_escalationpolicy_change", copy.pk) if may_see else back_to(request, "index")


class PolicyList(ChangeList):  # type: ignore[misc]
    """A page of policies; who of all their people cannot be texted is asked once."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page."""
        super().get_results(request)
        found = refused(list(self.result_list))
        for policy in self.result_list:
            policy.refused = found
