"""What needs a person now: counted in tables by indexes that hold only what waits, and no further than MOST."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from incidents import selectors as incidents
from incidents.models import Incident
from incidents.models import Status as IncidentStatus
from messaging import clock, selectors
from messaging.events import selectors as webhooks
from messaging.models import Budget, OutboundMessage, Status
from messaging.visibility import visible
from optout import selectors as optout
from shifts.calls import callbacks

MOST = 99
_OPEN_SHOWN = 5
_UNKNOWN_IS_NEWS_FOR = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for a person: how much of it, what to do, and where."""

    title: str
    count: int
    hint: str
    icon: str
    tone: str
    url: str

    @property
    def shown(self) -> str:
        """The count, as far as it was counted."""
        return f"{MOST}+" if self.count > MOST else str(self.count)


@dataclass(frozen=True, slots=True)
class Clock:
    """An open incident: who is asked, and when its next step is due; None while it waits for AWS."""

    incident_id: str
    description: str
    asked: str
    next_step_at: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of what may wait, and who may see it; ``of_conversations``: each sees only those of its own."""

    permission: str
    rows: Callable[[], QuerySet[Any]]
    title: str
    hint: str
    icon: str
    tone: str
    page: str
    query: Callable[[], str] = lambda: ""
    view: str = "changelist"
    of_conversations: bool = False


_KINDS = (
    _Kind(
        "incidents.view_incident",
        lambda: Incident.objects.filter(status=IncidentStatus.UNACKNOWLEDGED),
        "Nobody acknowledged",
        "Everybody was asked. Acknowledge or resolve them.",
        "report",
        "danger",
        "incidents_incident",
        lambda: "?status__exact=unacknowledged",
    ),
    _Kind(
        "messaging.view_originationidentity",
        selectors.paused_lanes,
        "Numbers paused",
        "Nothing is sent from them. The page of each says what to mend.",
        "pause_circle",
        "danger",
        "messaging_originationidentity",
    ),
    _Kind(
        "messaging.view_originationidentity",
        selectors.held_lanes,
        "Numbers held",
        "Consent cannot be read, so nothing is sent. Tried again by itself.",
        "hourglass_empty",
        "warning",
        "messaging_originationidentity",
    ),
    _Kind(
        "messaging.view_budget",
        lambda: Budget.objects.exclude(level=Budget.Level.WITHIN),
        "Budgets running out",
        "Used up, campaigns wait. Raise them, or let campaigns wait for the next month.",
        "savings",
        "warning",
        "messaging_budget",
    ),
    _Kind(
        "messaging.view_webhookendpoint",
        webhooks.disabled,
        "Webhooks off",
        "A system hears of nothing any more; what happens waits for it. Its page says what to mend.",
        "webhook",
        "danger",
        "messaging_webhookendpoint",
    ),
    _Kind(
        "messaging.view_inboundmessage",
        selectors.waiting_for_staff,
        "Unmatched texts",
        "Nobody was able to place them. Read and answer.",
        "inbox",
        "warning",
        "messaging_inboundmessage",
        view="inbox",
    ),
    _Kind(
        "shifts.view_callback",
        callbacks.queue,
        "Call backs",
        "Employees who texted AGENT and wait for a call.",
        "phone_callback",
        "warning",
        "shifts_callback",
    ),
    _Kind(
        "optout.view_plea",
        optout.waiting_pleas,
        "Consent to review",
        "Texts that may ask to stop. Opt out, or dismiss.",
        "rate_review",
        "warning",
        "optout_plea",
    ),
    _Kind(
        "messaging.view_outboundmessage",
        # Older ones no delivery event will settle any more: nobody can do anything about them.
        lambda: OutboundMessage.objects.filter(status=Status.UNKNOWN, attempted_at__gte=_unknown_since()),
        "Unknown sends",
        "AWS did not answer: it may have these texts of the last three days or not.",
        "help",
        "plain",
        "messaging_outboundmessage",
        lambda: f"?{urlencode({'status__exact': 'unknown', 'attempted_at__gte': str(_unknown_since())})}",
        of_conversations=True,
    ),
)


def _unknown_since() -> datetime:
    return clock.now() - _UNKNOWN_IS_NEWS_FOR


def waiting(user: AbstractBaseUser | AnonymousUser) -> Iterator[Need]:
    """What waits and may be seen by this user, the most urgent first. One query for each kind."""
    for kind in _KINDS:
        if not user.has_perm(kind.permission):  # type: ignore[union-attr]
            continue
        rows = visible(kind.rows(), user) if kind.of_conversations else kind.rows()
        count = len(rows.order_by().values_list("pk")[: MOST + 1])
        if count:
            url = reverse(f"admin:{kind.page}_{kind.view}") + kind.query()
            yield Need(kind.title, count, kind.hint, kind.icon, kind.tone, url)


def open_incidents(user: AbstractBaseUser | AnonymousUser) -> tuple[list[Clock], int]:
    """The open incidents whose next step comes first, and how many are open in all, counted to MOST."""
    if not user.has_perm("incidents.view_incident"):  # type: ignore[union-attr]
        return [], 0
    rows = Incident.objects.filter(status=IncidentStatus.NOT_ACKNOWLEDGED)
    count = len(rows.order_by().values_list("pk")[: MOST + 1])
    if not count:
        return [], 0
    first = incidents.with_contacts().filter(status=IncidentStatus.NOT_ACKNOWLEDGED).order_by("next_step_at", "id")
    return [_clock(one) for one in first[:_OPEN_SHOWN]], count


def _clock(incident: Incident) -> Clock:
    asked = [str(one) for one in incidents.contacts(incident) if one.step.position == incident.step]
    url = reverse("admin:incidents_incident_change", args=(incident.pk,))
    return Clock(incident.incident_id, incident.description, ", ".join(asked), incident.next_step_at, url)
