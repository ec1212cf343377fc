"""Maintenance windows: alerts are recorded, nobody is texted. What still fires at the end opens its incident then."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q, QuerySet

from incidents.alerts import matching
from incidents.alerts.intake import WORK_LIST
from incidents.models import AlertSource, Hold, MaintenanceWindow, Trouble
from messaging import clock, wakeups

LONGEST = timedelta(days=90)
_MOST_ACTIVE = 500


class Over(Exception):
    """The window is over already."""


def check(begins_at: datetime, ends_at: datetime) -> None:
    """Whether a window may be made for this time.

    Raises:
        django.core.exceptions.ValidationError: on the field at fault.
    """
    if ends_at <= begins_at:
        raise ValidationError({"ends_at": "It ends before it begins."})
    if ends_at <= clock.now():
        raise ValidationError({"ends_at": "This time is over already."})
    if ends_at - begins_at > LONGEST:
        raise ValidationError({"ends_at": f"At most {LONGEST.days} days. Turn the source off, or take its rules away."})


@transaction.atomic
def make(
    *,
    source: AlertSource | None,
    matchers: str,
    begins_at: datetime,
    ends_at: datetime,
    reason: str,
    actor: str,
) -> MaintenanceWindow:
    """A new window. Incidents that are open already stay open.

    Raises:
        django.core.exceptions.ValidationError: field by field.
    """
    window = MaintenanceWindow(
        source=source,
        matchers=matchers.strip(),
        begins_at=begins_at,
        ends_at=ends_at,
        reason=reason,
        created_at=clock.now(),
        created_by=actor,
    )
    window.clean_fields()
    check(begins_at, ends_at)
    window.full_clean()
    window.save()
    wakeups.wake_at(WORK_LIST, ends_at)
    return window


@transaction.atomic
def end(window: MaintenanceWindow, *, actor: str) -> MaintenanceWindow:
    """End a window now, or before it has begun. What fires still opens its incidents at once.

    Raises:
        Over: it has ended.
    """
    now = clock.now()
    rows = MaintenanceWindow.objects.filter(pk=window.pk, ends_at__gt=now)
    if not rows.filter(begins_at__gt=now).update(ends_at=F("begins_at"), ended_by=actor) and not rows.update(
        ends_at=now, ended_by=actor
    ):
        raise Over(f"The window {window} is over.")
    window.refresh_from_db()
    wakeups.wake(WORK_LIST)
    return window


def active(source: AlertSource, now: datetime) -> Sequence[MaintenanceWindow]:
    """The windows that may cover an alert of a source now. Index incidents_window_ends."""
    rows = MaintenanceWindow.objects.filter(Q(source=source) | Q(source__isnull=True), ends_at__gt=now)
    return list(rows.filter(begins_at__lte=now).order_by("-ends_at")[:_MOST_ACTIVE])


def covering(windows: Sequence[MaintenanceWindow], labels: Mapping[str, str]) -> MaintenanceWindow | None:
    """The first of these whose conditions hold; so with active() the one that lasts longest."""
    return next((window for window in windows if matching.matches(window.matchers, labels)), None)


def over(now: datetime) -> QuerySet[Trouble]:
    """Troubles that were held by a window which has ended. Index incidents_trouble_held."""
    return Trouble.objects.filter(closed_at__isnull=True, hold=Hold.WINDOW, window__ends_at__lte=now)
