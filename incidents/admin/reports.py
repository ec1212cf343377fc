"""The page of reports: charts by day, tables by contact and by policy, each as a file."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode

from incidents.admin import report_charts, words
from incidents.reports import days, kept, spans, tables
from incidents.reports.days import Day
from incidents.reports.figures import median
from incidents.reports.spans import Span
from messaging import clock
from messaging.admin.base import Admin, action
from messaging.admin.files import as_csv

# More rows are no page to read; the file has them all.
_MOST_ROWS = 50


class ReportsAdmin(Admin):
    """How incidents went."""

    actions_list = ("reports",)

    def has_report_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may see incidents may see how they went."""
        return bool(request.user.has_perm("incidents.view_incident"))

    def get_urls(self) -> list[URLPattern]:
        """With the files."""
        files = {"days": ("day", tables.by_day), "contacts": ("contact", tables.by_contact)}
        files |= {"policies": ("policy", tables.by_policy)}
        own = [
            path(
                f"report-by-{what}/",
                self.admin_site.admin_view(self._file(f"incidents-by-{what}.csv", table)),
                name=f"incidents_incident_export_{name}",
            )
            for name, (what, table) in files.items()
        ]
        return [*own, *super().get_urls()]

    @action(description="Reports", url_path="reports", permissions=["report"], icon="bar_chart")
    def reports(self, request: HttpRequest) -> HttpResponse:
        """The page. A dozen queries, however many incidents there are."""
        span = _span(request)
        found = kept.read(span)
        context = self.admin_site.each_context(request) | {
            "title": "Reports of incidents",
            "opts": self.model._meta,
            "media": self.media,
            "span": span,
            "choices": [(number, span == spans.last_days(number, _today())) for number in spans.CHOICES],
            "longest": spans.LONGEST,
            "charts": report_charts.drawn(
                days.columns(found, span), span, reverse("admin:incidents_incident_changelist")
            ),
            "contacts": list(_contacts(found)),
            "policies": list(_policies(found)),
            "most_rows": _MOST_ROWS,
            "list_url": reverse("admin:incidents_incident_changelist"),
            **{f"{name}_url": _address(name, span) for name in ("days", "contacts", "policies")},
        }
        return render(request, "incidents/admin/reports.html", context)

    def _file(
        self, name: str, table: Callable[[Span], Iterator[tuple[Any, ...]]]
    ) -> Callable[[HttpRequest], StreamingHttpResponse]:
        def view(request: HttpRequest) -> StreamingHttpResponse:
            if not self.has_report_permission(request):
                raise PermissionDenied
            # Without a span, as much as a report may have.
            return as_csv(name, table(_span(request, default=spans.LONGEST)))

        return view


def _today() -> Any:
    return timezone.localdate(clock.now(), timezone.get_default_timezone())


def _span(request: HttpRequest, *, default: int = spans.DEFAULT) -> Span:
    return spans.read(request.GET.dict(), _today(), default=default)


def _address(name: str, span: Span) -> str:
    return f"{reverse(f'admin:incidents_incident_export_{name}')}?{urlencode(span.query())}"


def _contacts(found: Mapping[date, Day]) -> Iterator[dict[str, Any]]:
    """Those who were asked most."""
    asked = sorted(days.people(found).items(), key=lambda item: (-item[1].asked, item[0]))
    for number, one in asked[:_MOST_ROWS]:
        shown = {"phone_number": number, "who": one.name or number, "median": words.took(median(one.answers))}
        yield asdict(one) | shown


def _policies(found: Mapping[date, Day]) -> Iterator[dict[str, Any]]:
    for name, one in list(days.policies(found).items())[:_MOST_ROWS]:
        yield {
            "policy": name,
            "opened": one.opened,
            "acknowledged": one.acknowledged,
            "late_ones": one.late,
            "escalations": one.escalations,
            "median": words.took(one.median),
        }
