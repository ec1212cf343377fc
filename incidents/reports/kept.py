"""Days that are over, counted once by a worker and kept: what reports read instead of all incidents of a year.

A report is exact all the same: today, days that nobody has counted yet and days of which an incident has changed since
are counted while somebody waits. Whoever changes an incident whose day is over leaves a mark, in the same transaction.
"""

from contextlib import suppress
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from incidents.models import ChangedDay, Incident, ReportedDay
from incidents.reports import counting, days, spans
from incidents.reports.days import Day
from incidents.reports.spans import Span

# A change of an incident of today leaves no mark: by now its transaction has ended. And a day of which one incident
# after the other is changed is counted again no more often.
_SETTLES = timedelta(minutes=10)


def read(span: Span) -> dict[date, Day]:
    """Each day of a span. Two queries, and three more where something is to be counted now."""
    wanted = [span.first + timedelta(days=number) for number in range(span.days)]
    # In this order: a count that is stored in between has deleted marks that were seen.
    changed = set(
        ChangedDay.objects.filter(day__range=(span.first, span.last)).order_by().values_list("day", flat=True)
    )
    rows = ReportedDay.objects.filter(day__range=(span.first, span.last), zone=_zone()).order_by()
    found = {day: days.read(figures) for day, figures in rows.values_list("day", "figures") if day not in changed}
    found |= counting.count([day for day in wanted if day not in found])
    return {day: found[day] for day in wanted}


def changed(opened_at: datetime, now: datetime) -> None:
    """Mark the day of an incident that changes. To be called in the transaction of the change."""
    zone = timezone.get_default_timezone()
    day = timezone.localdate(opened_at, zone)
    if day != timezone.localdate(now, zone):
        ChangedDay.objects.create(day=day, at=now)


def is_due(now: datetime) -> bool:
    """Whether a day is to be counted. Three queries."""
    first, last = _ends(now)
    counted = ReportedDay.objects.filter(day__range=(first, last), zone=_zone()).count()
    return counted < (last - first).days + 1 or _marks(now).exists()


def count_next(now: datetime) -> bool:
    """Count a day that is due, the latest first. Returns whether there was one."""
    first, last = _ends(now)
    ReportedDay.objects.filter(day__lt=first).delete()
    ChangedDay.objects.filter(day__lt=first).delete()
    counted = set(ReportedDay.objects.filter(day__range=(first, last), zone=_zone()).values_list("day", flat=True))
    settled = {first + timedelta(days=number) for number in range((last - first).days + 1)}
    due = (settled - counted) | (settled & set(_marks(now).values_list("day", flat=True)))
    if not due:
        return False
    _count(max(due))
    return True


def _count(day: date) -> None:
    """Count a day and keep it, unless another worker has kept a count of it meanwhile, which may know more."""
    version = ReportedDay.objects.filter(day=day).values_list("version", flat=True).first()
    # Only changes that were committed before the count begins are in it. The marks of others stay.
    seen = list(ChangedDay.objects.filter(day=day).values_list("pk", flat=True))
    values = {"zone": _zone(), "figures": counting.count([day])[day].as_json()}
    # The other worker's row is there already: then its count stands, and marks that it has not seen.
    with suppress(IntegrityError), transaction.atomic():
        if version is None:
            ReportedDay.objects.create(day=day, **values)
        elif not ReportedDay.objects.filter(day=day, version=version).update(version=version + 1, **values):
            return
        ChangedDay.objects.filter(pk__in=seen).delete()


def _marks(now: datetime) -> QuerySet[ChangedDay]:
    return ChangedDay.objects.filter(at__lte=now - _SETTLES)


def _ends(now: datetime) -> tuple[date, date]:
    """The first and the last day that are kept: as many as a report has, of which the last is over and settled.

    None before the first incident that there is: a new house would count a year of nothing. The first may be after the
    last; then there is no day.
    """
    zone = timezone.get_default_timezone()
    last = timezone.localdate(now - _SETTLES, zone) - timedelta(days=1)
    longest = last - timedelta(days=spans.LONGEST - 1)
    oldest = Incident.objects.order_by("opened_at").values_list("opened_at", flat=True).first()
    return (max(longest, timezone.localdate(oldest, zone)) if oldest else last + timedelta(days=1)), last


def _zone() -> str:
    return str(timezone.get_default_timezone())
