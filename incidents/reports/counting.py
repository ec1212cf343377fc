"""Counting days from the incidents themselves: three queries for any number of days, by index incidents_opened."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import DateField, F, Func, Q, Value
from django.db.models.functions import TruncDate
from django.utils import timezone

from incidents.models import Incident, IncidentContact, State
from incidents.reports.days import DIGITS, Day, Person
from incidents.reports.figures import Outcome
from incidents.reports.outcomes import Seconds, outcome
from incidents.reports.spans import Span

_IN_VAIN = (Outcome.LATE.value, Outcome.NEVER.value)
_SILENT = "silent"
_NO_ANSWER = (State.TEXTED.value, State.NOTIFIED.value)
# A list of rows of the database at a time: memory grows with what is kept of them.
_CHUNK = 5_000


def count(wanted: Collection[date]) -> dict[date, Day]:
    """Each of these days. One on which no incident was opened is empty."""
    found = {day: Day() for day in sorted(wanted)}
    if not found:
        return found
    span = Span(min(found), max(found))
    incidents = _incidents(span, found)
    people: dict[date, dict[str, Person]] = {day: defaultdict(Person) for day in found}
    asked: dict[tuple[int, str], set[str]] = defaultdict(set)
    for incident, number, name, state, position in _contacts(found):
        if incident not in incidents:
            # Opened between the two queries: the next report has it.
            continue
        day, which, step = incidents[incident]
        person = people[day][number]
        person.name = max(person.name, name)
        asked[incident, number].add(state)
        # Nobody blames those for whom somebody else answered in time.
        if state in _NO_ANSWER and (position < step or which in _IN_VAIN):
            asked[incident, number].add(_SILENT)
    for (incident, number), said in asked.items():
        person = people[incidents[incident][0]][number]
        person.incidents += 1
        person.asked += bool(said - {State.PENDING.value})
        person.acknowledged += State.ACKNOWLEDGED.value in said
        person.declined += State.DECLINED.value in said
        person.failed += State.FAILED.value in said
        person.silent += _SILENT in said
    for incident, number, seconds in _answers(found):
        if incident in incidents:
            people[incidents[incident][0]][number].answers.append(round(seconds, DIGITS))
    for day, theirs in people.items():
        found[day].people = {number: person.row() for number, person in theirs.items()}
    return found


def _incidents(span: Span, found: dict[date, Day]) -> dict[int, tuple[date, str, int]]:
    """Count the incidents into their days. Returns day, outcome and step of each, by its key."""
    seen: dict[int, tuple[date, str, int]] = {}
    rows = Incident.objects.filter(_opened_on(found)).annotate(
        day=_day(span), which=outcome(), took=Seconds("opened_at", "acknowledged_at")
    )
    values = rows.annotate(first=Seconds("opened_at", "first_text_at")).order_by()
    names = ("pk", "day", "policy", "which", "status", "step", "took", "first")
    for pk, day, policy, which, status, step, took, first in values.values_list(*names).iterator(_CHUNK):
        seen[pk] = (day, which, step)
        one = found[day]
        one.statuses[status] += 1
        group = one.policies[policy]
        group.outcomes[which] += 1
        # Each step after the first is an escalation.
        group.escalations += max(step - 1, 0)
        if took is not None:
            group.took.append(round(took, DIGITS))
        if first is not None:
            one.first_text = (one.first_text[0] + first, one.first_text[1] + 1)
    return seen


def _contacts(found: Collection[date]) -> Iterator[tuple[int, str, str, str, int]]:
    rows = IncidentContact.objects.filter(_opened_on(found, "step__incident__opened_at")).order_by()
    return rows.values_list("step__incident_id", "phone_number", "name", "state", "step__position").iterator(_CHUNK)


def _answers(found: Collection[date]) -> Iterator[tuple[int, str, float]]:
    """Who said YES after the latest text that asked them, and how many seconds after it."""
    rows = IncidentContact.objects.filter(
        _opened_on(found, "step__incident__opened_at"),
        step__incident__acknowledged_by=F("phone_number"),
        step__incident__acknowledged_at__gte=F("settled_at"),
        state=State.ACKNOWLEDGED,
    ).annotate(took=Seconds("settled_at", "step__incident__acknowledged_at"))
    return rows.order_by().values_list("step__incident_id", "phone_number", "took").iterator(_CHUNK)


def _opened_on(wanted: Collection[date], name: str = "opened_at") -> Q:
    """Opened on one of these days: a span of time for those that follow each other."""
    zone = timezone.get_default_timezone()
    condition = Q()
    for first, last in _runs(sorted(wanted)):
        begin, end = Span(first, last).moments(zone)
        condition |= Q(**{f"{name}__gte": begin, f"{name}__lt": end})
    return condition


def _runs(days: list[date]) -> Iterator[tuple[date, date]]:
    first = before = days[0]
    for day in days[1:]:
        if day - before > timedelta(days=1):
            yield first, before
            first = day
        before = day
    yield first, before


def _day(span: Span) -> Any:
    """The day on which an incident was opened, in the time zone of the settings."""
    if connection.vendor == "sqlite" and (shift := _shift(span)) is not None:
        # By SQLite itself: Django's own day calls Python for each row, several times.
        return Func(F("opened_at"), Value(f"{shift:+d} seconds"), function="date", output_field=DateField())
    return TruncDate("opened_at", tzinfo=timezone.get_default_timezone())


def _shift(span: Span) -> int | None:
    """The seconds between UTC and the clocks of the settings; None when these are changed in the span."""
    begin, end = span.moments(timezone.get_default_timezone())
    moments = (begin + timedelta(days=number) for number in range(span.days))
    found = {moment.utcoffset() for moment in (*moments, end)}
    offset = found.pop()
    return None if found or offset is None else int(offset.total_seconds())
