"""An event is written in the transaction of the change that it tells of: it exists if and only if that is committed.

Only if somebody wants to hear of its type: else nothing is put together and nothing is written. An endpoint that
Textback has switched off counts as somebody, and what happens meanwhile waits for it; one that staff have switched off
does not.
"""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.utils.encoders import JSONEncoder

from messaging import clock, wakeups
from messaging.events.subscriptions import wanted
from messaging.events.types import API_VERSION
from messaging.inserting import insert_all_once
from messaging.lookups import adapted_list
from messaging.models import WebhookDelivery, WebhookEndpoint, WebhookEvent, WebhookSubscription

WORK_LIST = "webhooks"
# Rows in one statement.
_AT_ONCE = 500
_ID_LENGTH = 32

Data = Mapping[str, Any] | Callable[[], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Occasion:
    """One of many events of a type.

    Attributes:
        subject: what it is about, for people who look for it.
        data: what is told: the API's resource where there is one. A function is called only when somebody wants it.
        occurred_at: when it happened; None for now.
        key: names the occasion; the same one is written once. Blank: there is no other like it.
    """

    subject: str
    data: Data
    occurred_at: datetime | None = None
    key: str = ""


def publish(event_type: str, *, subject: str, data: Data, occurred_at: datetime | None = None, key: str = "") -> int:
    """Tell other systems of a change, in its transaction. Arguments as in Occasion; returns to how many."""
    if not wanted(event_type):
        return 0
    return publish_all(event_type, [Occasion(subject, data, occurred_at, key)])


@transaction.atomic(savepoint=False)
def publish_all(event_type: str, occasions: Sequence[Occasion]) -> int:
    """Tell other systems of many changes. Ask ``wanted`` first. Returns how many deliveries were written.

    Memory grows with their number: give it some thousands at a time.
    """
    made = 0
    for begin in range(0, len(occasions), _AT_ONCE):
        rows = [event(event_type, one) for one in occasions[begin : begin + _AT_ONCE]]
        written = insert_all_once(rows, "event_id")
        made += _deliver([row.pk for row, new in zip(rows, written, strict=True) if new])
    if made:
        wakeups.wake(WORK_LIST)
    return made


def event(event_type: str, occasion: Occasion) -> WebhookEvent:
    """An event, complete, to be stored."""
    at = occasion.occurred_at or clock.now()
    event_id = f"evt_{_name(occasion.key)}"
    # Times are written in the zone of whoever looks, which here is nobody.
    with timezone.override(UTC):
        data = occasion.data() if callable(occasion.data) else occasion.data
        body = json.dumps(
            {"id": event_id, "type": event_type, "occurred_at": at, "api_version": API_VERSION, "data": data},
            cls=JSONEncoder,
            ensure_ascii=False,
            separators=(",", ":"),
        )
    return WebhookEvent(event_id=event_id, type=event_type, subject=occasion.subject[:100], occurred_at=at, body=body)


def _name(key: str) -> str:
    """The same for the same occasion, and another in every other installation: receivers tell events apart by it."""
    return (
        salted_hmac("messaging.events", key, algorithm="sha256").hexdigest()[:_ID_LENGTH] if key else uuid.uuid4().hex
    )


def _deliver(events: Sequence[int]) -> int:
    """Write a delivery of each to everybody who wants its type; an event that nobody wants (any more) is taken back.

    By one statement, that locks the endpoints as a foreign key does: one that somebody deletes in this moment gets
    nothing, instead of ending the change that is told of.
    """
    if not events:
        return 0
    quote = connection.ops.quote_name
    delivery, endpoint, subscription, told = (
        quote(model._meta.db_table) for model in (WebhookDelivery, WebhookEndpoint, WebhookSubscription, WebhookEvent)
    )
    is_postgresql = connection.vendor == "postgresql"
    those = "= ANY(%s::bigint[])" if is_postgresql else "IN (SELECT value FROM json_each(%s))"
    # Names come from models, values go apart.
    statement = (
        f"INSERT INTO {delivery} (event_id, endpoint_id, status, attempts)"  # noqa: S608
        f" SELECT told.id, target.id, 'waiting', 0 FROM {told} AS told"
        f" JOIN {subscription} AS wish ON wish.event_type = told.type"
        f" JOIN {endpoint} AS target ON target.id = wish.endpoint_id"
        f" WHERE told.id {those} AND target.deleted_at IS NULL"
        " AND (target.disabled_at IS NULL OR target.disabled_by = '')"
        f" ORDER BY told.id, target.id{' FOR KEY SHARE OF target' if is_postgresql else ''}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [adapted_list(events)])
        made = int(cursor.rowcount)
    if not made:
        WebhookEvent.objects.filter(pk__in=events).delete()
    return made
