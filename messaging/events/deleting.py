"""What is left of endpoints that were deleted, and deliveries that nobody needs any more: deleted, some at a time.

A campaign's worth of events must not be one statement, nor one transaction that others wait for.
"""

from collections.abc import Callable, Collection
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from messaging import clock
from messaging.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent

# Deliveries in one transaction.
AT_ONCE = 1_000
# Between two transactions everybody else gets at the database, of which SQLite has one writer.
_BREATH = 0.02


@transaction.atomic
def forget(deliveries: Collection[int]) -> None:
    """Delete deliveries with their tries, and events of theirs that have no other."""
    rows = WebhookDelivery.objects.filter(pk__in=deliveries)
    events = list(rows.order_by().values_list("event_id", flat=True))
    WebhookAttempt.objects.filter(delivery__in=deliveries).delete()
    rows.delete()
    WebhookEvent.objects.filter(pk__in=events, deliveries__isnull=True).delete()


def some_at_a_time(step: Callable[[], bool], for_as_long_as: timedelta) -> bool:
    """Take steps, each a transaction, while they find something to do. Returns whether there may be more."""
    began = clock.now()
    while step():
        if clock.stop_requested() or clock.now() - began >= for_as_long_as:
            return True
        clock.sleep(_BREATH)
    return False


def deleted() -> QuerySet[WebhookEndpoint]:
    """Endpoints that were deleted and of which something is left. A table of a few rows."""
    return WebhookEndpoint.with_deleted.filter(deleted_at__isnull=False).order_by("deleted_at", "pk")


def delete_rest(for_as_long_as: timedelta) -> bool:
    """Delete what is left of endpoints that were deleted, for a while. Returns whether there may be more."""
    return some_at_a_time(_delete_some, for_as_long_as)


def _delete_some() -> bool:
    """Some deliveries of one, by index messaging_webhook_log; at last its row. Returns whether there was one."""
    endpoint = deleted().first()
    if endpoint is None:
        return False
    keys = list(endpoint.deliveries.order_by("id").values_list("pk", flat=True)[:AT_ONCE])
    if keys:
        forget(keys)
    else:
        # By the row itself, so that whoever publishes to it in this moment is waited for.
        with transaction.atomic():
            WebhookEndpoint.with_deleted.select_for_update().get(pk=endpoint.pk)
            if not endpoint.deliveries.exists():
                WebhookEndpoint.with_deleted.filter(pk=endpoint.pk).delete()
    return True
