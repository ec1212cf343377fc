"""The page that opens an incident: the form, and beside it what would happen, as it is typed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from incidents import lifecycle
from incidents.admin import ladders, words
from incidents.admin.forms import OpenIncidentForm
from incidents.models import EscalationPolicy, Incident
from incidents.preview import Preview, preview
from messaging.admin.base import Admin
from messaging.models import Contact
from messaging.prices import Estimate
from messaging.text import rare

# A browser's list of suggestions is no telephone directory.
_MOST_SUGGESTIONS = 500
# Longer ones than AWS takes are measured as well, but a page need not measure a book.
_LONGEST = 5_000
# So many of the characters that make a text dearer are named.
_MOST_STRANGE = 5
_LABELS = {
    "incident_id": "Incident id",
    "description": "Description",
    "first_contact": "First contact",
    "second_contact": "Second contact",
    "wait_seconds": "Wait",
    "origination_identity": "Text from",
}
_WHO = (
    "Either the people you name here, one after the other, or everybody of an escalation policy, step by step. "
    "Not both: leave the contacts empty when you choose a policy."
)


class OpeningAdmin(Admin):
    """Opens incidents. After they are opened they change by actions only."""

    add_fieldsets = (
        (None, {"fields": ("incident_id", "description", "url")}),
        (
            "Who is asked",
            {"description": _WHO, "fields": ("first_contact", "second_contact", "escalation_policy")},
        ),
        ("How", {"fields": ("wait_seconds", "origination_identity")}),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is edited after the opening; see has_act_permission."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An id answers for ever."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """With what the page asks for while somebody types."""
        view = self.admin_site.admin_view(require_POST(self.preview_view))
        return [path("preview/", view, name="incidents_incident_preview"), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Incident | None = None) -> Any:
        """A form to open with; afterwards a story, which has no fields."""
        return () if obj else self.add_fieldsets

    def get_form(self, request: HttpRequest, obj: Incident | None = None, change: bool = False, **options: Any) -> Any:
        """The form that opens has fields which are no columns."""
        if obj is None:
            return OpenIncidentForm
        return super().get_form(request, obj, change=change, **options)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """With the contacts whose numbers may be chosen, and with where the page asks what would happen."""
        if obj is None:
            # One button, which says what it does: opening texts people.
            context |= {"show_save_and_continue": False, "show_save_and_add_another": False}
            context["preview_url"] = reverse("admin:incidents_incident_preview")
            if request.user.has_perm("messaging.view_contact"):
                context["suggested_contacts"] = Contact.objects.order_by("name", "phone_number")[:_MOST_SUGGESTIONS]
        answer: HttpResponse = super().render_change_form(request, context, *arguments, obj=obj, **options)
        return answer

    def save_model(self, request: HttpRequest, obj: Incident, form: Any, change: bool) -> None:
        """Opening is lifecycle's."""
        incident, _ = lifecycle.open_incident(form.request(), actor=request.user.get_username())
        obj.pk = incident.pk

    def response_add(self, request: HttpRequest, obj: Incident, post_url_continue: str | None = None) -> HttpResponse:
        """To the page of the incident, where whoever has opened it can watch."""
        self.message_user(request, f"Incident {obj.incident_id} is opened. This page follows it.", messages.SUCCESS)
        if self.has_view_permission(request, obj):
            return redirect("admin:incidents_incident_change", obj.pk)
        return redirect("admin:index")

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What opening would do, with what is typed so far. Writes nothing."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        told = preview(_request(request.POST), typing=request.POST.get("typing", ""))
        return render(request, "incidents/admin/preview.html", _context(told))


def _request(typed: QueryDict) -> lifecycle.Request:
    def given(name: str) -> str:
        return str(typed.get(name, "")).replace("\x00", "").strip()[:_LONGEST]

    wait, policy = given("wait_seconds"), given("escalation_policy")
    chosen = EscalationPolicy.objects.filter(pk=policy).first() if policy.isdecimal() and len(policy) < 18 else None
    return lifecycle.Request(
        incident_id=given("incident_id"),
        description=given("description"),
        url=given("url"),
        first_contact=given("first_contact"),
        second_contact=given("second_contact"),
        escalation_policy=chosen.name if chosen else "",
        wait_seconds=int(wait) if wait.isdecimal() and len(wait) < 10 else None,
        origination_identity=given("origination_identity"),
    )


def _context(told: Preview) -> dict[str, Any]:
    name = told.names.get(told.to) or told.to
    return {
        "preview": told,
        "preview_strange": rare(told.text, _MOST_STRANGE),
        "preview_to": name or "the first contact",
        "preview_moments": ladders.moments(told.rungs, told.names),
        "preview_first_cost": _cost(told.first_cost),
        "preview_whole_cost": _cost(told.whole_cost),
        "preview_problem": told.whole_cost.problem if told.rungs else "",
        "preview_warnings": [(_LABELS.get(one.field, ""), one.words) for one in told.warnings],
    }


def _cost(estimate: Estimate) -> str:
    return "" if estimate.amount is None else words.money(estimate.amount, estimate.currency)
