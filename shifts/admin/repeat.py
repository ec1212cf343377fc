"""Repeating a shift on other days: the days first, then a code for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import get_format

from messaging import clock
from messaging.admin.base import action, back_to
from shifts import copies, offers, weeks
from shifts.admin import campaigns_words as words
from shifts.admin.week import MEDIA, WeekAdmin, days_in, week_url
from shifts.models import Shift

# Of so many weeks the days are offered, from that of the shift on, or this one.
_WEEKS = 6
_LONGEST_CODE = 30
_MOST_TOLD = 8


@dataclass(frozen=True, slots=True)
class _Copy:
    """A shift to be added: when, under which code, and what is wrong with it."""

    day: date
    time: str
    code: str
    problems: Sequence[str] = ()


class RepeatAdmin(WeekAdmin):
    """Has the page that repeats a shift."""

    @action(description="Repeat", url_path="repeat", permissions=["repeat"], icon="event_repeat")
    def repeat(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET shows the days, and codes for those chosen; POST adds the copies, all of them or none."""
        shift = _find(object_id)
        if shift.starts_at is None:
            self.message_user(request, "Give it a start first: then it can be repeated on other days.", messages.ERROR)
            return back_to(request, "shifts_shift_change", shift.pk)
        days = _days(shift.starts_at, clock.now())
        given = request.POST if request.method == "POST" else request.GET
        chosen = [day for day in days_in(given.getlist("day")) if day in days]
        problems: Mapping[date, Sequence[str]] = {}
        codes = {day: request.POST.get(f"code-{day}", "").strip()[: _LONGEST_CODE + 1] for day in chosen}
        if request.method == "POST" and not chosen:
            self.message_user(request, "Choose at least one day.", messages.WARNING)
        elif request.method == "POST":
            try:
                added = offers.repeat(shift, codes, timezone.get_current_timezone())
            except offers.NotRepeated as refused:
                problems = refused.problems
                self.message_user(request, "Nothing was added. What is wrong stands beside its code.", messages.ERROR)
            else:
                return self._added(request, shift, added)
        else:
            codes = dict(zip(chosen, offers.free_codes(shift, len(chosen)), strict=False))
        return self._page(request, shift, days, _copies(shift, chosen, codes, problems))

    def has_repeat_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who sees shifts and may add some."""
        return bool(self.has_add_permission(request) and self.has_view_permission(request))

    def _added(self, request: HttpRequest, shift: Shift, added: Sequence[Shift]) -> HttpResponse:
        for one in added:
            self.log_addition(request, one, [{"added": {"name": "shift", "object": f"{one}, like {shift}"}}])
        named = [f"{one} ({words.shift_time(one.starts_at, None)})" for one in added[:_MOST_TOLD]]
        rest = f" and {len(added) - _MOST_TOLD} more" if len(added) > _MOST_TOLD else ""
        count = words.count_of(len(added), "shift")
        told = f"{count} added: {', '.join(named)}{rest}. Nobody is texted: that is what campaigns are for."
        self.message_user(request, told, messages.SUCCESS)
        assert added[0].starts_at is not None
        return HttpResponseRedirect(week_url(timezone.localdate(added[0].starts_at)))

    def _page(
        self, request: HttpRequest, shift: Shift, days: Sequence[date], chosen: Sequence[_Copy]
    ) -> TemplateResponse:
        assert shift.starts_at is not None
        ticked = {one.day for one in chosen}
        today = timezone.localdate(clock.now())
        own = timezone.localdate(shift.starts_at)
        rows = [
            [(day, day in ticked, day == own, day < today) for day in days[begin : begin + weeks.DAYS]]
            for begin in range(0, len(days), weeks.DAYS)
        ]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": shift,
            "title": f"Repeat {shift}",
            "media": MEDIA,
            "shift": shift,
            "shift_time": words.shift_time(shift.starts_at, shift.ends_at),
            "weekdays": days[: weeks.DAYS],
            "rows": rows,
            "copies": chosen,
            "zone": timezone.get_current_timezone_name(),
        }
        return TemplateResponse(request, "shifts/admin/repeat.html", context)


def _find(object_id: str) -> Shift:
    shift = Shift.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
    if shift is None:
        raise Http404
    return shift


def _days(starts_at: datetime, now: datetime) -> list[date]:
    """The days that are offered, whole weeks."""
    begin = max(timezone.localdate(starts_at), timezone.localdate(now))
    first = weeks.first_day(begin, int(get_format("FIRST_DAY_OF_WEEK")))
    return [first + timedelta(days=number) for number in range(_WEEKS * weeks.DAYS)]


def _copies(
    shift: Shift, chosen: Sequence[date], codes: Mapping[date, str], problems: Mapping[date, Sequence[str]]
) -> list[_Copy]:
    zone = timezone.get_current_timezone()
    assert shift.starts_at is not None
    found = []
    for day in chosen:
        starts_at, ends_at = copies.moved(shift.starts_at, shift.ends_at, day, zone)
        found.append(_Copy(day, words.shift_time(starts_at, ends_at), codes.get(day, ""), problems.get(day, ())))
    return found
