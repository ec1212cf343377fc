"""Delivery events: stored once, then told to the outbox.

An event may come before our own commit of the call it belongs to, may come twice, late or out of order. It finds its
text by AWS's message id, else by the id that the text carried in Context. An event that no text takes waits a while.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from messaging import clock, wakeups
from messaging.inserting import insert_all_once
from messaging.models import DeliveryEvent, OutboundMessage, Status
from messaging.outbound import outbox
from messaging.outbound.carriers.aws import CONTEXT_ID
from messaging.privacy import names

logger = logging.getLogger(__name__)

# An event that belongs to no text of ours: of another system on the same topic, or of a database restored since.
NOT_OURS_AFTER = timedelta(minutes=10)
# More digits than the column has: no price of a text.
_MOST_EXPENSIVE = Decimal(1_000_000)
_AFTER_TROUBLE = timedelta(minutes=1)
_BATCH = 200
# For so long a transaction goes on taking news. A crash undoes no more than that, and whoever waits for the news, as an
# incident does whose text failed, waits no longer.
_GOES_ON = timedelta(seconds=0.5)

_FAILED = {
    "TEXT_INVALID": "The number is not valid.",
    "TEXT_INVALID_MESSAGE": "The text is not valid.",
    "TEXT_UNREACHABLE": "The phone cannot be reached.",
    "TEXT_CARRIER_UNREACHABLE": "The carrier cannot reach the phone.",
    "TEXT_BLOCKED": "The phone blocks texts.",
    "TEXT_CARRIER_BLOCKED": "The carrier blocked the text.",
    "TEXT_SPAM": "The carrier took the text for spam.",
    "TEXT_TTL_EXPIRED": "The text was not delivered within its time to live.",
    "TEXT_PROTECT_BLOCKED": "AWS's protect configuration blocked the text.",
}
_ACCEPTED = {"TEXT_QUEUED", "TEXT_PENDING", "TEXT_SUCCESSFUL", "TEXT_SENT"}


@dataclass(frozen=True, slots=True)
class Unreadable(ValueError):
    """A payload that claims to be a delivery event and is none."""

    problem: str

    def __str__(self) -> str:
        return self.problem


def status_of(event_type: str, is_final: bool) -> Status | None:
    """What an event says of its text; None when nothing. Pure.

    Some countries report SUCCESSFUL only, final; others SUCCESSFUL and later DELIVERED
    (docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-event-types.html).
    """
    if event_type == "TEXT_DELIVERED" or (event_type == "TEXT_SUCCESSFUL" and is_final):
        return Status.DELIVERED
    if event_type in _FAILED or (event_type == "TEXT_UNKNOWN" and is_final):
        return Status.FAILED
    if event_type in _ACCEPTED:
        return Status.SENT
    return None


def is_delivery_event(payload: Mapping[str, Any]) -> bool:
    """Whether a notification's message is a delivery event of a text, a voice message or the like."""
    return "eventType" in payload and "messageId" in payload


def read(payload: Mapping[str, Any], *, sns_message_id: str) -> DeliveryEvent:
    """An event, to be stored.

    Raises:
        Unreadable: a field is missing or of the wrong form.
    """
    now = clock.now()
    try:
        occurred_at = datetime.fromtimestamp(int(payload["eventTimestamp"]) / 1000, UTC)
        return DeliveryEvent(
            sns_message_id=sns_message_id[:100],
            carrier_message_id=str(payload["messageId"])[:100],
            event_type=str(payload["eventType"])[:40],
            is_final=payload.get("isFinal") is True,
            occurred_at=occurred_at,
            stored_at=now,
            description=str(payload.get("messageStatusDescription") or "")[:500],
            payload=dict(payload),
            apply_after=now,
        )
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as problem:
        raise Unreadable(f"The delivery event cannot be read: {problem!r}") from problem


def store(events: Sequence[DeliveryEvent]) -> list[bool]:
    """Keep events, each once. Returns which were not kept before."""
    stored = insert_all_once(events, "sns_message_id")
    if any(stored):
        wakeups.wake("events")
    return stored


def apply_waiting() -> bool:
    """Tell the outbox of some of the events that wait. Returns whether more may wait."""
    with transaction.atomic():
        events = list(
            DeliveryEvent.objects.filter(applied_at__isnull=True, apply_after__lte=clock.now())
            .order_by("id")
            .select_for_update(skip_locked=True)[:_BATCH]
        )
        began, looked_at = clock.now(), 0
        while looked_at < len(events) and (looked_at == 0 or clock.now() - began < _GOES_ON):
            _try(events[looked_at])
            looked_at += 1
    return looked_at < len(events) or len(events) == _BATCH


def _try(event: DeliveryEvent) -> None:
    try:
        with transaction.atomic():
            _apply(event)
    except Exception:
        # One event that cannot be applied must not keep the others waiting; it is looked at again later.
        logger.exception("Delivery event %s could not be applied", event.pk)
        later = clock.now() + _AFTER_TROUBLE
        DeliveryEvent.objects.filter(pk=event.pk).update(apply_after=later)


def _apply(event: DeliveryEvent) -> None:
    now = clock.now()
    message = _message_of(event)
    if message is None:
        if now - event.stored_at < NOT_OURS_AFTER:
            # Our own commit may be under way; wait longer and longer, up to half a minute between looks.
            waited = now - event.stored_at
            event.apply_after = now + min(max(waited, timedelta(seconds=0.5)), timedelta(seconds=30))
            event.save(update_fields=["apply_after"])
            wakeups.wake_at("events", event.apply_after)
            return
        logger.info("No text of ours has the carrier message id %s", event.carrier_message_id)
    if message is not None and names.is_stand_in(message.destination_phone_number):
        _without_person(event, message, now)
        return
    event.message, event.applied_at = message, now
    event.save(update_fields=["message", "applied_at"])
    status = status_of(event.event_type, event.is_final)
    if message is None or status is None:
        return
    outbox.record_event(
        message,
        status,
        carrier_message_id=event.carrier_message_id,
        at=event.occurred_at,
        price=_price(event.payload),
        reason=(event.event_type, event.description or _FAILED.get(event.event_type, "The outcome is not known.")),
    )


def _without_person(event: DeliveryEvent, message: OutboundMessage, now: datetime) -> None:
    """News of a text to somebody who was erased meanwhile: it counts, and brings no number back."""
    status, price = status_of(event.event_type, event.is_final), _price(event.payload)
    own_id = names.old_id(event.sns_message_id)
    if DeliveryEvent.objects.filter(sns_message_id=own_id).exists():
        # SNS has brought it again.
        event.delete()
        return
    event.message, event.applied_at, event.payload, event.sns_message_id = message, now, {}, own_id
    event.carrier_message_id = names.old_id(event.carrier_message_id)
    event.description = _FAILED.get(event.event_type, "")
    event.save()
    if status is not None:
        reason = (event.event_type, event.description or "The outcome is not known.")
        outbox.record_event(
            message,
            status,
            carrier_message_id=event.carrier_message_id,
            at=event.occurred_at,
            price=price,
            reason=reason,
        )


def _message_of(event: DeliveryEvent) -> OutboundMessage | None:
    ids = [event.carrier_message_id, names.old_id(event.carrier_message_id)]
    message = OutboundMessage.objects.filter(carrier_message_id__in=ids).first()
    if message is not None:
        return message
    context = event.payload.get("context")
    own_id = str(context.get(CONTEXT_ID, "")) if isinstance(context, dict) else ""
    if not own_id.isascii() or not own_id.isdigit() or len(own_id) > 18:
        return None
    message = OutboundMessage.objects.filter(pk=int(own_id)).first()
    # Another installation on the same topic counts its texts from 1 as well: the number must agree too.
    if message is None or message.destination_phone_number != event.payload.get("destinationPhoneNumber"):
        return None
    if message.carrier_message_id is None:
        return message
    return _earlier_attempt(message, event)


def _earlier_attempt(message: OutboundMessage, event: DeliveryEvent) -> OutboundMessage | None:
    """A text sent twice has two ids at AWS. A delivery of either is a delivery; a failure counts for the last only."""
    return message if status_of(event.event_type, event.is_final) is Status.DELIVERED else None


def _price(payload: Mapping[str, Any]) -> Decimal | None:
    try:
        price = Decimal(str(payload["totalMessagePrice"])).quantize(Decimal("0.000001"))
    except (KeyError, InvalidOperation, ValueError):
        return None
    return price if 0 <= price < _MOST_EXPENSIVE else None
