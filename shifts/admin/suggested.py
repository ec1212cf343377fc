"""Whom the dialog that gives a place suggests, as their name or number is typed."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from messaging.admin.base import Admin
from shifts import candidates
from shifts.candidates import Candidate
from shifts.models import Shift

_LONGEST = 150


class SuggestingAdmin(Admin):
    """Answers what is typed."""

    def get_urls(self) -> list[URLPattern]:
        """By POST, so that a number that is typed stands in no address."""
        view = self.admin_site.admin_view(require_POST(self.people_view))
        return [path("<path:object_id>/people/", view, name="shifts_shift_people"), *super().get_urls()]

    def people_view(self, request: HttpRequest, object_id: str) -> JsonResponse:
        """Those who may be meant: id, name, number, and whether they are free."""
        if not request.user.has_perms(("shifts.change_shift", "shifts.view_employee")):
            raise PermissionDenied
        shift = Shift.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if shift is None:
            raise Http404
        typed = request.POST.get("typed", "")[:_LONGEST]
        parts = request.user.has_perm("messaging.see_phone_numbers")
        found = candidates.suggest(shift, typed, parts_of_numbers=parts)
        return JsonResponse({"people": [_shown(one) for one in found], "told": _told(found)})


def _shown(one: Candidate) -> dict[str, Any]:
    contact = one.employee.contact
    number = contact.phone_number if contact.name else ""
    return {"id": one.employee.pk, "name": str(one.employee), "number": number, "note": one.note, "free": one.free}


def _told(found: list[Candidate]) -> str:
    """For who does not see the list; and for everybody when there is none."""
    if not found:
        return "No employee has such a name or number."
    free = sum(one.free for one in found)
    return f"{len(found)} found, {free} free at that time."
