"""The page of one incident: the story above, and the fragment by which it keeps itself up to date."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.text import slugify

from incidents import selectors
from incidents.admin import words
from incidents.admin.story import Story, tell
from incidents.models import Incident
from messaging import clock
from messaging.admin.base import Admin
from messaging.admin.files import as_csv


class StoryAdmin(Admin):
    """Shows an incident as a story instead of as fields."""

    change_form_outer_before_template = "incidents/admin/incident.html"

    def get_urls(self) -> list[URLPattern]:
        """With the fragment, and with the file of those who were not texted."""
        view = self.admin_site.admin_view
        own = [
            path("<path:object_id>/timeline/", view(self.timeline_view), name="incidents_incident_timeline"),
            path("<path:object_id>/not-texted/", view(self.not_texted_view), name="incidents_incident_not_texted"),
        ]
        return [*own, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """With the story."""
        if obj is not None:
            context |= _context(_find(obj.pk)) | {
                "story_url": reverse("admin:incidents_incident_timeline", args=(obj.pk,)),
                "show_close": False,
            }
        answer: HttpResponse = super().render_change_form(request, context, *arguments, obj=obj, **options)
        return answer

    def timeline_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The story alone; 304 while nothing has happened."""
        context = _context(self._viewed(request, object_id))
        etag = context["story_etag"]
        unchanged = get_conditional_response(request, etag=etag)
        answer = unchanged or render(request, "incidents/admin/story.html", context)
        answer["ETag"] = etag
        return answer

    def not_texted_view(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        """CSV of who was not texted and why, one line a text."""
        incident = self._viewed(request, object_id)
        return as_csv(f"not-texted-{slugify(incident.incident_id)}.csv", _not_texted(incident))

    def _viewed(self, request: HttpRequest, object_id: str) -> Incident:
        """The incident, for those who may see incidents."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not object_id.isdecimal():
            raise Http404
        return _find(object_id)


def _find(pk: int | str) -> Incident:
    incident = selectors.with_everything().filter(pk=pk).first()
    if incident is None:
        raise Http404
    return incident


def _not_texted(incident: Incident) -> Iterator[tuple[Any, ...]]:
    yield ("phone_number", "name", "at", "reason")
    names = {one.phone_number: one.name for one in selectors.contacts(incident)}
    for entry in selectors.not_reached(incident):
        reason = entry.text or entry.get_kind_display()
        yield (entry.phone_number, names.get(entry.phone_number, ""), entry.at, reason)


def _context(incident: Incident) -> dict[str, Any]:
    now = clock.now()
    story = tell(incident, now)
    upcoming = story.next.at if story.next else None
    return {
        "story": story,
        "story_etag": _etag(story),
        "story_not_texted_url": reverse("admin:incidents_incident_not_texted", args=(incident.pk,)),
        # Not part of the story: it changes with every second.
        "story_left": words.left(upcoming, now) if upcoming else "",
    }


def _etag(story: Story) -> str:
    return quote_etag(sha256(repr(story).encode()).hexdigest()[:32])
