"""Taking the next event of an endpoint: one worker at a time has an endpoint, for as long as one request may take.

A lease is a moment in the endpoint's row. Whoever dies between the call and its record leaves the lease to run out;
then the same event is sent again, with the same id.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from messaging.events import sealing
from messaging.events.posting import Letter
from messaging.models import WebhookDelivery, WebhookEndpoint

Status = WebhookDelivery.Status

# Resolving a name may take a resolver's time-outs, and recording as long as the database is busy.
LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Claim:
    """An event that is to be sent now, and by nobody else until the lease ends.

    Attributes:
        problem: why it cannot even be tried; blank when it can.
    """

    endpoint: int
    delivery: int
    lease: str
    letter: Letter
    problem: str = ""


def due(now: datetime) -> QuerySet[WebhookEndpoint]:
    """Endpoints that something waits for, and that may be called now. Index messaging_webhook_waiting."""
    waiting = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), status=Status.WAITING)
    return _free(now).filter(Exists(waiting))


def _free(now: datetime) -> QuerySet[WebhookEndpoint]:
    return WebhookEndpoint.objects.filter(
        Q(next_try_at__isnull=True) | Q(next_try_at__lte=now),
        Q(lease_expires_at__isnull=True) | Q(lease_expires_at__lte=now),
        disabled_at__isnull=True,
    )


@transaction.atomic
def claim(endpoint: int, now: datetime) -> Claim | None:
    """Take the oldest event that waits for an endpoint; None when somebody else has the endpoint, or nothing waits."""
    lease = uuid.uuid4().hex
    if not _free(now).filter(pk=endpoint).update(lease_owner=lease, lease_expires_at=now + LEASE):
        return None
    row = (
        WebhookDelivery.objects.filter(endpoint=endpoint, status=Status.WAITING)
        .select_related("event", "endpoint")
        .order_by("event_id")
        .first()
    )
    if row is None:
        give_back(endpoint, lease)
        return None
    WebhookDelivery.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1, attempted_at=now)
    secrets, problem = _secrets(row.endpoint, now)
    letter = Letter(row.endpoint.url, secrets, row.event.event_id, row.event.body.encode())
    return Claim(endpoint, row.pk, lease, letter, problem)


def give_back(endpoint: int, lease: str) -> None:
    """Let go of an endpoint."""
    WebhookEndpoint.objects.filter(pk=endpoint, lease_owner=lease).update(lease_owner="", lease_expires_at=None)


def _secrets(endpoint: WebhookEndpoint, now: datetime) -> tuple[list[str], str]:
    sealed = [endpoint.secret]
    if endpoint.old_secret and endpoint.old_secret_until and endpoint.old_secret_until > now:
        sealed.append(endpoint.old_secret)
    try:
        return [sealing.unseal(one) for one in sealed], ""
    except sealing.CannotOpen:
        return [], "Its secret cannot be read: SECRET_KEY was changed. Make a new secret, then switch it on again."
