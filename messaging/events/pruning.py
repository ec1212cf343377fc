"""What was delivered long ago is forgotten. What waits is kept for as long as it waits."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from messaging import clock
from messaging.events import endpoints
from messaging.models import WebhookDelivery

KEEP_DAYS = 30
_AT_ONCE = 1_000


def old(now: datetime) -> QuerySet[WebhookDelivery]:
    """Deliveries that ended before what is kept, by whole hours: once an hour there is something to do."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return WebhookDelivery.objects.filter(ended_at__lt=hour - timedelta(days=keep_days()))


def keep_days() -> int:
    """For how many days what was delivered is kept."""
    return int(settings.MESSAGING.get("WEBHOOKS_KEEP_DAYS") or KEEP_DAYS)


def prune(for_as_long_as: timedelta) -> bool:
    """Forget what is old, for a while. Returns whether there is more."""
    began = clock.now()
    while keys := list(old(clock.now()).order_by("ended_at").values_list("pk", flat=True)[:_AT_ONCE]):
        endpoints.forget(keys)
        if clock.stop_requested() or clock.now() - began >= for_as_long_as:
            return True
    return False
