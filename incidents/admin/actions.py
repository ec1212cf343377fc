"""What staff can do to an incident: each action asks once, in a dialog, and goes through lifecycle."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from unfold.enums import ActionVariant

from incidents import lifecycle
from incidents.admin.forms import ActionForm, DeclineForm, NoteForm
from incidents.admin.offers import OFFERED
from incidents.models import Incident, Status
from messaging.admin.base import Admin, action, back_to, dialog


class ActingAdmin(Admin):
    """The actions. Each goes through the function of lifecycle that texts and the API use."""

    actions = None
    actions_detail = ("acknowledge", "decline", "escalate", "cancel", "resolve", "note")

    def has_act_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may change incidents may act on them."""
        return bool(request.user.has_perm("incidents.change_incident"))

    def get_actions_detail(self, request: HttpRequest, object_id: Any = None) -> Any:
        """Only what the status allows."""
        incident = Incident.objects.filter(pk=object_id).first() if str(object_id).isdecimal() else None
        offered = super().get_actions_detail(request, object_id)
        if incident is None:
            return offered
        return [
            one
            for one in offered
            if incident.status in OFFERED.get(one.action_name.rsplit("_incident_", 1)[-1], tuple(Status))
        ]

    @action(
        description="Acknowledge",
        permissions=["act"],
        icon="check",
        variant=ActionVariant.PRIMARY,
        dialog=dialog(
            "Acknowledge", "Somebody takes it; everybody else who was asked is told.", "Acknowledge", ActionForm
        ),
    )
    def acknowledge(self, request: HttpRequest, form: ActionForm, object_id: str) -> HttpResponse:
        """Somebody takes it."""
        return self._act(request, object_id, lifecycle.acknowledge, form, "is acknowledged")

    @action(
        description="Decline for",
        permissions=["act"],
        icon="close",
        dialog=dialog(
            "Decline for a contact", "They cannot take it. The next is asked at once.", "Decline", DeclineForm
        ),
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
        dialog=dialog(
            "Cancel the incident", "Those who were asked are told that nothing is to be done.", "Cancel it", ActionForm
        ),
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
        if request.headers.get("HX-Request"):
            # From wherever the dialog was opened, a row of the list or the incident's page: it stays where it was.
            return HttpResponse(headers={"HX-Refresh": "true"})
        return back_to(request, "incidents_incident_change", incident.pk)
