"""A delivery becomes rows, and a worker is woken: what is answered with 200 is committed."""

import json
import logging
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from incidents.alerts import formats
from incidents.alerts.formats import generic
from incidents.alerts.values import Mapped, Reading, Signal, Unreadable
from incidents.models import Alert, AlertDelivery, AlertSource, Grouping
from incidents.models.alerts import LONGEST_RAW
from messaging import clock, trace, wakeups

logger = logging.getLogger(__name__)

WORK_LIST = "alerts"
_LONGEST_KEY, _LONGEST_LINK = 200, 2000
# Of what is refused the beginning is enough to see what is wrong with it.
_LONGEST_REFUSED = 4_000
_TOGETHER = 500


def take(source: AlertSource, payload: Mapping[str, Any]) -> AlertDelivery:
    """Store what a source sent by HTTP. Its alerts wait for a worker when this returns.

    Raises:
        Unreadable: it can never be understood. It is stored as refused, for staff to see.
    """
    try:
        reading = read(source, payload)
    except Unreadable as problem:
        refuse(source, json.dumps(payload, ensure_ascii=False), str(problem))
        raise
    delivery = store(source, reading, payload)
    note(delivery)
    return delivery


def read(source: AlertSource, payload: Mapping[str, Any]) -> Reading:
    """What a payload says, as its source speaks.

    Raises:
        Unreadable: with the reasons field by field.
    """
    mapped = Mapped(
        source.key_path,
        source.description_path,
        source.url_path,
        source.status_path,
        generic.resolved_values(source.resolved_values),
    )
    return formats.read(source.kind, payload, each=source.grouping == Grouping.ALERT, mapped=mapped)


@transaction.atomic
def store(
    source: AlertSource, reading: Reading, payload: Mapping[str, Any], *, sns_message_id: str | None = None
) -> AlertDelivery:
    """Store a delivery with its alerts, and wake a worker."""
    raw = json.dumps(payload, ensure_ascii=False)
    now = clock.now()
    delivery = AlertDelivery.objects.create(
        source=source,
        received_at=now,
        sns_message_id=sns_message_id,
        raw=raw[:LONGEST_RAW],
        size=len(raw),
        alerts_count=len(reading.signals),
        remark=reading.remark,
    )
    rows = [_row(source, delivery, signal) for signal in reading.signals]
    Alert.objects.bulk_create(rows, batch_size=_TOGETHER)
    wakeups.wake(WORK_LIST)
    return delivery


def note(delivery: AlertDelivery) -> None:
    """Say in the log that a delivery is stored, once it is: the id of its trace beside that of the web request."""
    with trace.caused_by(trace_of(delivery.pk)):
        logger.info("Delivery %s of %s is stored, alerts: %s", delivery.pk, delivery.source, delivery.alerts_count)


def trace_of(delivery_id: int) -> str:
    """The id by which the log speaks of a delivery, of its alerts, and of the texts that they lead to."""
    return f"alert-delivery-{delivery_id}"


def refuse(source: AlertSource | None, raw: str, remark: str, *, sns_message_id: str | None = None) -> None:
    """Store that something came which is not worked, and why."""
    AlertDelivery.objects.create(
        source=source,
        received_at=clock.now(),
        sns_message_id=sns_message_id,
        raw=raw.replace("\x00", "")[:_LONGEST_REFUSED],
        size=len(raw),
        refused=True,
        remark=remark[:2000],
    )


def _row(source: AlertSource, delivery: AlertDelivery, signal: Signal) -> Alert:
    return Alert(
        delivery=delivery,
        source=source,
        key=signal.key[:_LONGEST_KEY],
        digest=signal.digest,
        state=signal.state,
        description=signal.description,
        url=signal.url[:_LONGEST_LINK],
        labels=dict(signal.labels),
        received_at=delivery.received_at,
        changed_at=signal.changed_at,
        not_before=delivery.received_at,
    )
