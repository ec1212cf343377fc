"""A verified notification becomes a row, once. The provider's shape ends here.

Notifications that come at the same time share a commit: docs/decisions/0017-shared-commits.md .
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from messaging import clock, counted, registry, trace, wakeups
from messaging.inbound import payload
from messaging.inbound.sns.envelope import Envelope
from messaging.inbound.together import Together
from messaging.inserting import insert_all_once
from messaging.models import DeliveryEvent, InboundMessage
from messaging.outbound import delivery
from messaging.outbound.delivery import Unreadable

logger = logging.getLogger(__name__)

# AWS documents no limit for an inbound text; this is several times the longest that a phone can send.
_LONGEST_BODY = 10_000


def notification(envelope: Envelope) -> str:
    """Store what a notification carries: an inbound text or a delivery event. Returns a sentence for the answer.

    When it returns, the row is committed, unless the caller is in a transaction of his own.

    What comes from a topic of TOPIC_READERS is its reader's.

    Raises:
        Unreadable: it is neither, or a field is missing or of the wrong form.
    """
    message = payload.read(envelope.message, "The notification's message")
    if (reader := registry.topic_readers().get(envelope.topic_arn)) is not None:
        return reader.take(envelope.topic_arn, envelope.message_id, message)
    row = _read(message, envelope)
    # Whoever has a transaction open commits by himself: others cannot wait for that.
    stored = _store([row])[0] if connection.in_atomic_block else _together.do(row)
    if isinstance(row, DeliveryEvent):
        counted.WEBHOOK.add("accepted", "event" if stored else "event_again")
        return "The delivery event is stored."
    counted.WEBHOOK.add("accepted", "text" if stored else "text_again")
    with trace.caused_by(row.inbound_message_id):
        logger.info("Inbound text %s is %s", row.pk or "", "stored" if stored else "known already")
    return "The text is stored." if stored else "The text was stored before."


def _read(message: Mapping[str, Any], envelope: Envelope) -> InboundMessage | DeliveryEvent:
    if "inboundMessageId" in message:
        return _text(message, envelope)
    if delivery.is_delivery_event(message):
        return delivery.read(message, sns_message_id=envelope.message_id)
    raise Unreadable(
        "The notification is neither an inbound text nor a delivery event. "
        "Let only End User Messaging SMS publish to this topic."
    )


def _text(message: Mapping[str, Any], envelope: Envelope) -> InboundMessage:
    """The payload of docs.aws.amazon.com/sms-voice/latest/userguide/two-way-sms-payload.html ."""
    now = clock.now()
    return InboundMessage(
        inbound_message_id=_string(message, "inboundMessageId", 100),
        sns_message_id=envelope.message_id,
        origination_phone_number=_string(message, "originationNumber", 20),
        destination_phone_number=_string(message, "destinationNumber", 20),
        body=_string(message, "messageBody", _LONGEST_BODY, required=False),
        message_keyword=_string(message, "messageKeyword", 1000, required=False)[:100],
        previous_published_message_id=_string(message, "previousPublishedMessageId", 100, required=False),
        received_at=envelope.timestamp,
        stored_at=now,
        route_after=now,
    )


def _store(rows: Sequence[InboundMessage | DeliveryEvent]) -> Sequence[bool]:
    """Store texts and events, all or none. Returns which were not there before."""
    texts = [row for row in rows if isinstance(row, InboundMessage)]
    events = [row for row in rows if isinstance(row, DeliveryEvent)]
    if texts and events:
        with transaction.atomic():
            # Always in this order: two processes that bring the same ones must not wait for each other.
            stored = [*_store_texts(texts), *delivery.store(events)]
    else:
        # One statement needs no transaction around it.
        stored = [*_store_texts(texts), *delivery.store(events)]
    by_row = dict(zip(map(id, [*texts, *events]), stored, strict=True))
    return [by_row[id(row)] for row in rows]


def _store_texts(texts: Sequence[InboundMessage]) -> list[bool]:
    stored = insert_all_once(texts, "inbound_message_id")
    if any(stored):
        wakeups.wake("inbound")
    return stored


_together = Together(_store)


def _string(message: Mapping[str, Any], key: str, longest: int, *, required: bool = True) -> str:
    value = message.get(key)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value.strip()):
        raise Unreadable(f"{key} is missing or no text.")
    if len(value) > longest:
        raise Unreadable(f"{key} has {len(value)} characters; at most {longest} are taken.")
    return value
