"""A verified notification becomes a row, once. The provider's shape ends here.

Notifications that come at the same time share a commit: docs/decisions/0017-shared-commits.md .
"""

import json
import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from django.db import connection, transaction

from messaging import clock, counted, trace, wakeups
from messaging.inbound.sns.envelope import Envelope
from messaging.inbound.together import Together
from messaging.inserting import insert_all_once
from messaging.models import DeliveryEvent, InboundMessage
from messaging.outbound import delivery
from messaging.outbound.delivery import Unreadable

logger = logging.getLogger(__name__)

# AWS documents no limit for an inbound text; this is several times the longest that a phone can send.
_LONGEST_BODY = 10_000
# Theirs have two levels. The limit is ours, so that it does not depend on how deep the stack is already.
_DEEPEST = 20


def notification(envelope: Envelope) -> str:
    """Store what a notification carries: an inbound text or a delivery event. Returns a sentence for the answer.

    When it returns, the row is committed, unless the caller is in a transaction of his own.

    Raises:
        Unreadable: it is neither, or a field is missing or of the wrong form.
    """
    row = _read(_payload(envelope.message), envelope)
    # Whoever has a transaction open commits by himself: others cannot wait for that.
    stored = _store([row])[0] if connection.in_atomic_block else _together.do(row)
    if isinstance(row, DeliveryEvent):
        counted.WEBHOOK.add("accepted", "event" if stored else "event_again")
        return "The delivery event is stored."
    counted.WEBHOOK.add("accepted", "text" if stored else "text_again")
    with trace.caused_by(row.inbound_message_id):
        logger.info("Inbound text %s is %s", row.pk or "", "stored" if stored else "known already")
    return "The text is stored." if stored else "The text was stored before."


def _read(payload: Mapping[str, Any], envelope: Envelope) -> InboundMessage | DeliveryEvent:
    if "inboundMessageId" in payload:
        return _text(payload, envelope)
    if delivery.is_delivery_event(payload):
        return delivery.read(payload, sns_message_id=envelope.message_id)
    raise Unreadable(
        "The notification is neither an inbound text nor a delivery event. "
        "Let only End User Messaging SMS publish to this topic."
    )


def _payload(message: str) -> Mapping[str, Any]:
    try:
        payload = json.loads(message, parse_float=_finite, parse_constant=_no_number)
    except (ValueError, RecursionError) as problem:
        raise Unreadable("The notification's message is no JSON.") from problem
    if not isinstance(payload, dict):
        raise Unreadable("The notification's message is no JSON object.")
    cleaned: Mapping[str, Any] = _storable(payload, _DEEPEST)
    return cleaned


def _finite(text: str) -> float:
    """What Python reads as infinite, no database stores as JSON."""
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text[:20]} is no number in JSON")


def _storable(value: Any, levels: int) -> Any:
    """The same without NUL characters, which PostgreSQL cannot store, and without half an emoji, which nobody can."""
    if not levels:
        raise Unreadable(f"The notification's message is nested deeper than {_DEEPEST} levels.")
    match value:
        case str():
            if value.isascii() and "\x00" not in value:
                return value
            return value.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_storable(item, levels - 1) for item in value]
        case dict():
            return {_storable(key, levels): _storable(item, levels - 1) for key, item in value.items()}
    return value


def _text(payload: Mapping[str, Any], envelope: Envelope) -> InboundMessage:
    """The payload of docs.aws.amazon.com/sms-voice/latest/userguide/two-way-sms-payload.html ."""
    now = clock.now()
    return InboundMessage(
        inbound_message_id=_string(payload, "inboundMessageId", 100),
        sns_message_id=envelope.message_id,
        origination_phone_number=_string(payload, "originationNumber", 20),
        destination_phone_number=_string(payload, "destinationNumber", 20),
        body=_string(payload, "messageBody", _LONGEST_BODY, required=False),
        message_keyword=_string(payload, "messageKeyword", 1000, required=False)[:100],
        previous_published_message_id=_string(payload, "previousPublishedMessageId", 100, required=False),
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


def _string(payload: Mapping[str, Any], key: str, longest: int, *, required: bool = True) -> str:
    value = payload.get(key)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value.strip()):
        raise Unreadable(f"{key} is missing or no text.")
    if len(value) > longest:
        raise Unreadable(f"{key} has {len(value)} characters; at most {longest} are taken.")
    return value
