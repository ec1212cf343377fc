"""Events for other systems that should have been delivered and were not, or that a person must see to."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from messaging.audit.findings import Check, Look, Severity
from messaging.events import selectors
from messaging.models import WebhookDelivery, WebhookEndpoint

# A run that waits for other endpoints, a lease that has to run out, and a sweep.
_DELIVERING = timedelta(minutes=5)


def stuck(look: Look) -> QuerySet[WebhookEndpoint]:
    """What waits for an endpoint that may be called is being tried. Index messaging_webhook_waiting.

    A failing one waits for its next try, and one that is off for somebody.
    """
    before = look.before(_DELIVERING)
    waiting = WebhookDelivery.objects.filter(
        Q(attempted_at__isnull=True) | Q(attempted_at__lte=before),
        endpoint=OuterRef("pk"),
        status=WebhookDelivery.Status.WAITING,
        event__occurred_at__lte=before,
    )
    return WebhookEndpoint.objects.filter(
        Q(next_try_at__isnull=True) | Q(next_try_at__lte=before),
        Q(lease_expires_at__isnull=True) | Q(lease_expires_at__lte=before),
        # While others of its events get through, this one only has not had its turn.
        Q(delivered_at__isnull=True) | Q(delivered_at__lte=before),
        Exists(waiting),
        disabled_at__isnull=True,
    )


def switched_off(look: Look) -> QuerySet[WebhookEndpoint]:
    """Tells of endpoints that Textback has switched off. A table of a few rows."""
    return selectors.disabled()


def _endpoint(row: WebhookEndpoint) -> str:
    return f"endpoint {row.pk} ({row.name})"


CHECKS: Iterable[Check] = [
    Check(
        "messaging.webhook_stuck",
        Severity.CRITICAL,
        stuck,
        "Events wait for these endpoints, which may be called, and nobody tries.",
        "See that clock and a worker for the queue 'webhooks' run (/readyz says so), and read the workers' log.",
        _endpoint,
    ),
    Check(
        "messaging.webhook_off",
        Severity.WARNING,
        switched_off,
        "Textback has switched these endpoints off: other systems hear of nothing, and what happens waits some days.",
        "Their pages under Webhook endpoints say what to mend. Then switch them on, or delete those that nobody needs.",
        _endpoint,
    ),
]
