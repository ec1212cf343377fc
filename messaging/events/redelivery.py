"""What was delivered is delivered once more: for receivers that lost it, or began to listen later."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from messaging import clock, wakeups
from messaging.events import selectors
from messaging.events.publishing import WORK_LIST
from messaging.models import WebhookDelivery, WebhookEndpoint, WebhookEvent, WebhookSubscription

Status = WebhookDelivery.Status


@transaction.atomic
def again(deliveries: QuerySet[WebhookDelivery]) -> int:
    """Have these delivered once more, before newer ones that wait; returns how many. What waits is left alone."""
    count = deliveries.exclude(status=Status.WAITING).update(status=Status.WAITING, ended_at=None)
    if count:
        wakeups.wake(WORK_LIST)
    return count


def event_again(event: WebhookEvent) -> int:
    """Have an event delivered once more to everybody it went to. Returns to how many."""
    return again(selectors.listed(WebhookDelivery.objects.filter(event=event)))


@transaction.atomic
def since(endpoint: WebhookEndpoint, begin: datetime) -> int:
    """Have everything since a time delivered once more that is kept: also what happened before the endpoint was there.

    Of the types it wants now, and what it got of others. Returns how many events. Whoever publishes in this moment is
    not waited for: that event is new, and is delivered anyway. What happened while it was off, or what was dropped, is
    kept only where somebody else had it.
    """
    quote = connection.ops.quote_name
    delivery, subscription, told = (
        quote(model._meta.db_table) for model in (WebhookDelivery, WebhookSubscription, WebhookEvent)
    )
    # Names come from models, values go apart.
    statement = (
        f"INSERT INTO {delivery} (event_id, endpoint_id, status, attempts)"  # noqa: S608
        f" SELECT told.id, wish.endpoint_id, 'waiting', 0 FROM {told} AS told"
        f" JOIN {subscription} AS wish ON wish.event_type = told.type AND wish.endpoint_id = %s"
        " WHERE told.occurred_at >= %s ORDER BY told.id ON CONFLICT (event_id, endpoint_id) DO NOTHING"
    )
    # As a foreign key does: it is not deleted meanwhile.
    WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
    with connection.cursor() as cursor:
        cursor.execute(statement, [endpoint.pk, connection.ops.adapt_datetimefield_value(begin)])
        missed = int(cursor.rowcount)
    if missed:
        wakeups.wake(WORK_LIST)
    return missed + again(endpoint.deliveries.filter(event__occurred_at__gte=begin))


@transaction.atomic
def skip(pk: int) -> bool:
    """Let the next events go on without this one. Returns whether it waited."""
    # In the order in which whoever records a try locks them.
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True, of=("self",)).filter(deliveries=pk).first()
    row = WebhookDelivery.objects.filter(pk=pk, status=Status.WAITING)
    skipped = row.update(status=Status.SKIPPED, ended_at=clock.now())
    if skipped and endpoint:
        # What failed was this event, for all we know: the next one is tried at once.
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(next_try_at=None)
        wakeups.wake(WORK_LIST)
    return bool(skipped)
