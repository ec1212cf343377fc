"""What waits for an endpoint that is off is kept for some days and up to some number; what is older is dropped.

Nobody may ever switch it on again, and a campaign is a million events. The oldest go first, so that what is left is
still in order and without a gap; how many went, and up to when, stands in the endpoint's row. An endpoint that is on
and fails keeps all: after three days it is switched off.

Stripe keeps nothing for an endpoint that is disabled (docs.stripe.com/workbench/webhooks), Svix stops trying and has
what happened meanwhile asked for by date (docs.svix.com/retries).
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from messaging import clock
from messaging.events import deleting
from messaging.models import WebhookDelivery, WebhookEndpoint

OFF_DAYS = 7
OFF_EVENTS = 100_000


def off_days() -> int:
    """For how many days an event waits for an endpoint that is off."""
    return int(settings.MESSAGING.get("WEBHOOKS_KEEP_OFF_DAYS") or OFF_DAYS)


def off_events() -> int:
    """How many events wait for an endpoint that is off."""
    return int(settings.MESSAGING.get("WEBHOOKS_KEEP_OFF_EVENTS") or OFF_EVENTS)


def too_old(now: datetime) -> QuerySet[WebhookEndpoint]:
    """Endpoints that are off and whose oldest event has waited too long. Index messaging_webhook_waiting.

    By whole hours: once an hour there is something to do.
    """
    oldest = _waiting(OuterRef("pk")).order_by("event_id").values("event__occurred_at")[:1]
    return _off().annotate(oldest=Subquery(oldest)).filter(oldest__lt=_before(now))


def too_many() -> QuerySet[WebhookEndpoint]:
    """Endpoints that are off and for which too much waits. Reads as many entries of the index as may wait."""
    most = off_events()
    return _off().filter(Exists(_waiting(OuterRef("pk")).order_by("event_id")[most : most + 1]))


def drop(for_as_long_as: timedelta) -> bool:
    """Drop what is too old or too much, for a while. Returns whether there may be more."""
    return deleting.some_at_a_time(_drop_some, for_as_long_as)


def _off() -> QuerySet[WebhookEndpoint]:
    return WebhookEndpoint.objects.filter(disabled_at__isnull=False)


def _waiting(endpoint: OuterRef | int) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(endpoint=endpoint, status=WebhookDelivery.Status.WAITING)


def _before(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) - timedelta(days=off_days())


def _drop_some() -> bool:
    for endpoints in (too_old(clock.now()), too_many()):
        key = endpoints.order_by("pk").values_list("pk", flat=True).first()
        if key is not None:
            _drop(key)
            return True
    return False


@transaction.atomic
def _drop(key: int) -> None:
    """The oldest of one endpoint. Its row is locked: whoever switches it on comes before or after."""
    if _off().select_for_update(no_key=True).filter(pk=key).first() is None:
        return
    before = _before(clock.now())
    rows = _waiting(key).order_by("event_id").values_list("pk", "event__occurred_at")
    oldest = list(rows[: deleting.AT_ONCE])
    surplus = len(rows[off_events() : off_events() + deleting.AT_ONCE])
    gone = []
    for number, (delivery, at) in enumerate(oldest):
        # The first that may stay keeps those behind it: nothing goes out of their middle.
        if number >= surplus and at >= before:
            break
        gone.append((delivery, at))
    if gone:
        deleting.forget([delivery for delivery, _ in gone])
        WebhookEndpoint.objects.filter(pk=key).update(
            dropped=F("dropped") + len(gone), dropped_through=max(at for _, at in gone)
        )
