"""What was delivered long ago is forgotten."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from messaging import clock
from messaging.events import deleting
from messaging.models import WebhookDelivery

KEEP_DAYS = 30


def old(now: datetime) -> QuerySet[WebhookDelivery]:
    """Deliveries that ended before what is kept, by whole hours: once an hour there is something to do."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return WebhookDelivery.objects.filter(ended_at__lt=hour - timedelta(days=keep_days()))


def keep_days() -> int:
    """For how many days what was delivered is kept."""
    return int(settings.MESSAGING.get("WEBHOOKS_KEEP_DAYS") or KEEP_DAYS)


def prune(for_as_long_as: timedelta) -> bool:
    """Forget what is old, for a while. Returns whether there is more."""
    return deleting.some_at_a_time(_prune_some, for_as_long_as)


def _prune_some() -> bool:
    keys = list(old(clock.now()).order_by("ended_at").values_list("pk", flat=True)[: deleting.AT_ONCE])
    deleting.forget(keys)
    return bool(keys)
