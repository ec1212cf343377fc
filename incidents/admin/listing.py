"""The list of incidents: by urgency, kept up to date, with what can be done at once in each row."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList as DjangosChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.http import quote_etag, urlencode
from unfold.paginator import InfinitePaginator
from unfold.templatetags.unfold_list import result_list
from unfold.views import ChangeList

from incidents import search
from incidents.admin import words
from incidents.admin.days import ByDay, ByPolicy
from incidents.admin.offers import OFFERED
from incidents.admin.story import TONES, label_of
from incidents.models import EscalationPolicy, Incident, IncidentContact
from messaging import clock
from messaging.admin.base import Admin, display
from messaging.lookups import OneOf

_IN_ROWS = {"acknowledge": "Acknowledge", "escalate": "Escalate", "resolve": "Resolve"}


class IncidentList(ChangeList):  # type: ignore[misc]
    """A page of the list; an empty one says what to do next."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page."""
        super().get_results(request)
        self.is_narrowed = bool(self.query or self.has_active_filters)
        self.has_policies = bool(self.result_list) or EscalationPolicy.objects.exists()
        self.may_add_policies = request.user.has_perm("incidents.add_escalationpolicy")


class ListAdmin(Admin):
    """Shows incidents as a list. A page of it takes as long with a million incidents as with ten."""

    list_display = ("incident_id", "status_label", "begins", "clock", "taken_by", "opened", "acts")
    list_filter = ("status", ("opened_at", ByDay), ByPolicy, "double_escalation", "late")
    search_fields = ("incident_id",)
    search_help_text = "Id, phone number, name or words"
    list_before_template = "incidents/admin/list.html"
    paginator = InfinitePaginator
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    # By the moment of opening there is an index.
    sortable_by = ("opened",)

    def get_urls(self) -> list[URLPattern]:
        """With the rows alone, by which the list keeps itself up to date."""
        view = self.admin_site.admin_view(self.rows_view)
        return [path("rows/", view, name="incidents_incident_rows"), *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[DjangosChangeList]:
        """With what an empty list needs to know."""
        return IncidentList

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Who may only look is offered nothing to do."""
        shown = super().get_list_display(request)
        may = request.user.has_perm("incidents.change_incident")
        return [name for name in shown if may or name != "acts"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Incident]:
        """With the name of who has it."""
        rows: QuerySet[Incident] = super().get_queryset(request)
        who = IncidentContact.objects.filter(step__incident=OuterRef("pk"), phone_number=OuterRef("acknowledged_by"))
        return rows.annotate(acknowledged_name=Subquery(who.exclude(name="").values("name")[:1]))

    def get_ordering(self, request: HttpRequest) -> Any:
        """The most urgent first, then the newest. Those of one status are equally urgent, and have another index."""
        return ("-opened_at", "-id") if "status__exact" in request.GET else ("urgency", "-opened_at", "-id")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Incident], search_term: str
    ) -> tuple[QuerySet[Incident], bool]:
        """What incidents.search finds."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(OneOf("id", search.find(search_term))), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """With where the rows alone are, and what they were like."""
        answer = super().changelist_view(request, extra_context)
        # A redirect, after a filter that does not exist, has no context.
        context = getattr(answer, "context_data", None) or {}
        if "cl" in context:
            context |= {"rows_url": reverse("admin:incidents_incident_rows"), "rows_etag": _etag(context["cl"])}
        return answer

    def rows_view(self, request: HttpRequest) -> HttpResponse:
        """The rows of a page of the list, for its script; 304 while they are the same. The address has its filters."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            shown = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseBadRequest("There is no such filter.")
        if request.GET:
            # The way back from an incident leads to this list, not to its rows.
            shown.preserved_filters = urlencode({"_changelist_filters": request.GET.urlencode()})
        shown.formset = None
        etag = _etag(shown)
        answer = get_conditional_response(request, etag=etag)
        if answer is None:
            context = result_list({"request": request}, shown)
            answer = HttpResponse(render_to_string("admin/change_list_results.html", context, request))
        answer["ETag"] = etag
        return answer

    @display(description="Status", label=TONES)
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
        """How long until the next step, counted down by the page; or what it waits for."""
        if not incident.is_open:
            return "-"
        if incident.next_step_at is None:
            return format_html('<span class="incident-left">{}</span>', "waits for AWS")
        at = incident.next_step_at
        return format_html(
            '<time class="incident-left" datetime="{}" data-until="{}" title="at {}">{}</time>',
            at.isoformat(),
            at.isoformat(),
            date_format(timezone.localtime(at), "H:i:s"),
            words.left(at, clock.now()),
        )

    @display(description="Acknowledged by")
    def taken_by(self, incident: Incident) -> str:
        """By name, if the contact had one."""
        name = getattr(incident, "acknowledged_name", None)
        if not name:
            return incident.acknowledged_by or "-"
        return format_html('<span title="{}">{}</span>', incident.acknowledged_by, name)

    @display(description="Opened", ordering="opened_at")
    def opened(self, incident: Incident) -> str:
        """As a time if it is today's, else with the day, and with the year if that is another."""
        at, today = timezone.localtime(incident.opened_at), timezone.localdate(clock.now())
        form = "H:i:s" if at.date() == today else "j M, H:i" if at.year == today.year else "j M Y, H:i"
        return format_html(
            '<time class="incident-opened" datetime="{}" title="{}">{}</time>',
            at.isoformat(),
            date_format(at, "j F Y, H:i:s"),
            date_format(at, form),
        )

    @display(description="Act")
    def acts(self, incident: Incident) -> str:
        """What the status allows and staff do most: one click, and one to confirm."""
        offered = ((name, title) for name, title in _IN_ROWS.items() if incident.status in OFFERED[name])
        return format_html(
            '<span class="incident-acts">{}</span>',
            format_html_join("", _ACT, _links(incident, offered)) or "-",
        )


# As unfold's own buttons open their dialogs.
_ACT = (
    '<a href="{0}" hx-get="{0}" hx-target="#modal-content" hx-select="#dialog" '
    'x-on:htmx:after-on-load="openModal = true" aria-label="{1} {2}">{1}</a>'
)


def _links(incident: Incident, offered: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    for name, title in offered:
        yield reverse(f"admin:incidents_incident_{name}", args=(incident.pk,)), title, incident.incident_id


def _etag(shown: Any) -> str:
    """What the rows look like, as far as it does not change with time alone."""
    now = clock.now()
    rows = [
        (one.pk, one.status, one.late, one.next_step_at, one.acknowledged_by, one.acknowledged_name)
        for one in shown.result_list
    ]
    # At midnight a time becomes a day; what is overdue, and longer waits, are told by the server.
    slow = [words.left(one.next_step_at, now) for one in shown.result_list if _is_slow(one, now)]
    seen = (rows, slow, shown.list_display, timezone.localdate(now))
    return quote_etag(sha256(repr(seen).encode()).hexdigest()[:32])


def _is_slow(incident: Incident, now: Any) -> bool:
    return incident.next_step_at is not None and incident.next_step_at - now > timedelta(hours=2)
