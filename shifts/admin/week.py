"""The week of shifts: its page, and the way back to it from what is done there."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from django.forms import Media, Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import get_format
from django.utils.http import urlencode

from messaging import clock
from messaging.admin.base import action, back_to
from shifts import weeks
from shifts.admin import week_cards as cards
from shifts.admin.empty import WithHint

# The day that a page or a dialog was opened from.
_FROM = "week"
# Before and after these no calendar of shifts goes, and dates can still be counted on.
_EARLIEST, _LATEST = date(2000, 1, 1), date(2200, 1, 1)


# Of pages that are no form and no list: those have scripts of Django's as well.
MEDIA = Media(
    css={"all": ["messaging/pages.css", "shifts/week.css"]},
    js=[Script("shifts/suggest.js", defer=True), Script("shifts/week.js", defer=True)],  # type: ignore[list-item]
)


class WeekAdmin(WithHint):
    """Has the page of a week."""

    class Media(WithHint.Media):
        css: ClassVar[dict[str, tuple[str, ...]]] = {"all": ("messaging/pages.css", "shifts/week.css")}
        js = (Script("shifts/suggest.js", defer=True),)

    @action(description="Week", permissions=["view"], icon="calendar_view_week")
    def week(self, request: HttpRequest) -> HttpResponse:
        """The week that ?day= is in; without one, this week."""
        now = clock.now()
        today = timezone.localdate(now)
        first = weeks.first_day(_day(request.GET.get("day", "")) or today, int(get_format("FIRST_DAY_OF_WEEK")))
        may_act = request.user.has_perm("shifts.change_shift")
        shown = cards.read(first, today, now, may_act=may_act)
        context = {
            **self.admin_site.each_context(request),
            "title": "Week of shifts",
            "content_title": "Week of shifts",
            "media": MEDIA,
            "week": shown,
            "from_week": urlencode({_FROM: first.isoformat()}),
            "zone": timezone.get_current_timezone_name(),
            "before": first - timedelta(days=weeks.DAYS),
            "after": first + timedelta(days=weeks.DAYS),
            "may_act": may_act,
            "may_add": self.has_add_permission(request),
        }
        return TemplateResponse(request, "shifts/admin/week.html", context)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The day that somebody came from; times are for them to say."""
        day = _day(request.GET.get(_FROM, ""))
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        return initial | ({"starts_at": [day, None], "ends_at": [day, None]} if day else {})

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Back to the week that they came from."""
        answer: HttpResponse = super().response_add(request, obj, post_url_continue)
        if _day(request.GET.get(_FROM, "")) and not {"_continue", "_addanother"} & set(request.POST):
            return HttpResponseRedirect(week_url(timezone.localdate(obj.starts_at)) if obj.starts_at else week_url())
        return answer

    def back(self, request: HttpRequest, pk: int) -> HttpResponse:
        """To the week that a dialog was opened from, or to the page of the shift."""
        day = _day(request.GET.get(_FROM, ""))
        if day is None:
            return back_to(request, "shifts_shift_change", pk)
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": week_url(day)})
        return HttpResponseRedirect(week_url(day))


def week_url(day: date | None = None) -> str:
    """The page of the week that a day is in."""
    query = f"?{urlencode({'day': day.isoformat()})}" if day else ""
    return reverse("admin:shifts_shift_week") + query


def days_in(values: Sequence[str]) -> list[date]:
    """The days among what a request has, each once, in order."""
    return sorted({day for one in values if (day := _day(one))})


def _day(text: str) -> date | None:
    """A day as addresses have it; None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _EARLIEST <= day <= _LATEST else None
