"""Filters of the list of incidents: by day and by policy."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode

from incidents.models import EscalationPolicy, Incident
from messaging import clock

# More choices than fit beside a list; a policy that is not among them is found by the search of policies.
_MOST_POLICIES = 50
_DAYS_BACK = 7


def span_of(first: date, last: date) -> dict[str, str]:
    """The parameters of the list for what was opened from one day to another, both included."""
    zone = timezone.get_default_timezone()
    begin, end = (datetime.combine(day, datetime.min.time(), zone) for day in (first, last + timedelta(days=1)))
    return {"opened_at__gte": str(begin), "opened_at__lt": str(end)}


def list_of(page: str, first: date, last: date) -> str:
    """The address of the list, with that filter."""
    return f"{page}?{urlencode(span_of(first, last))}"


class ByDay(admin.DateFieldListFilter):
    """Any time, single days of the last week, spans; and whatever span an address asks for."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        today = timezone.localdate(clock.now(), timezone.get_default_timezone())
        days = [(today - timedelta(days=back), back) for back in range(_DAYS_BACK)]
        named = {0: "Today", 1: "Yesterday"}
        self.title = "day"
        links: tuple[tuple[str, Any], ...] = (
            ("Any day", {}),
            *((named.get(back) or date_format(day, "l j F"), span_of(day, day)) for day, back in days),
            ("Last 7 days", span_of(today - timedelta(days=6), today)),
            ("Last 30 days", span_of(today - timedelta(days=29), today)),
            ("Last 90 days", span_of(today - timedelta(days=89), today)),
        )
        self.links = links

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Those of the links; a span from elsewhere is shown as one more, chosen."""
        found = list(super().choices(changelist))
        yield from found
        if not any(one["selected"] for one in found):
            yield {"selected": True, "query_string": changelist.get_query_string(), "display": "The days chosen"}


class ByPolicy(admin.SimpleListFilter):
    """The policies that there are, and incidents without one. Index incidents_policy_urgency."""

    title = "policy"
    parameter_name = "policy"
    _none = "-"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """What may be chosen; a policy that was deleted still works as an address."""
        names = list(EscalationPolicy.objects.order_by("name").values_list("name", flat=True)[:_MOST_POLICIES])
        if (chosen := self.value()) and chosen not in (*names, self._none):
            names.append(chosen)
        return [(name, name) for name in names] + [(self._none, "None: contacts one by one")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Incident]) -> QuerySet[Incident]:
        """Incidents opened with the policy chosen."""
        if self.value() is None:
            return queryset
        return queryset.filter(policy="" if self.value() == self._none else self.value())
