"""Rows to read."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from messaging.models import DeliveryEvent, InboundMessage, OutboundMessage

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
_numbers = itertools.count(1)


def outbound(minutes: int = 0, **fields: Any) -> OutboundMessage:
    """A text that went out so many minutes after noon."""
    at = NOON + timedelta(minutes=minutes)
    return OutboundMessage.objects.create(
        **{
            "idempotency_key": f"key{next(_numbers)}",
            "destination_phone_number": "+14255550182",
            "origination_identity": "+14255550100",
            "body": "Hello",
            "encoding": "GSM",
            "parts": 1,
            "due_at": at,
            "queued_at": at,
            **fields,
        }
    )


def inbound(minutes: int = 0, **fields: Any) -> InboundMessage:
    """A text that came so many minutes after noon; routed when it has an outcome."""
    at = NOON + timedelta(minutes=minutes)
    return InboundMessage.objects.create(
        **{
            "inbound_message_id": f"inbound{next(_numbers)}",
            "sns_message_id": "sns",
            "origination_phone_number": "+14255550182",
            "destination_phone_number": "+14255550100",
            "body": "Hello",
            "received_at": at,
            "stored_at": at,
            "route_after": at,
            "routed_at": at if fields.get("outcome") else None,
            **fields,
        }
    )


def event(message: OutboundMessage | None = None, **fields: Any) -> DeliveryEvent:
    """News from AWS."""
    return DeliveryEvent.objects.create(
        **{
            "sns_message_id": f"sns{next(_numbers)}",
            "carrier_message_id": "aws-1",
            "event_type": "TEXT_DELIVERED",
            "is_final": True,
            "occurred_at": NOON,
            "stored_at": NOON,
            "apply_after": NOON,
            "payload": {"eventType": "TEXT_DELIVERED"},
            "message": message,
            **fields,
        }
    )
