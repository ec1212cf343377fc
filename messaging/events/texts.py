"""The events of texts: what became of one that goes out, and one that came in and that nobody could place.

Texts are counted by the million, so everything here is done for many at once, and only where somebody wants it: a move
whose event nobody wants stays the one statement that it is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.utils.module_loading import import_string

from messaging.duties import EventType
from messaging.events import subscriptions
from messaging.events.publishing import Occasion, publish, publish_all
from messaging.lookups import OneOf
from messaging.models import InboundMessage, OutboundMessage, Status

RECEIVED = "inbound.received"
_AT_ONCE = 500
_SERIALIZERS = {
    "message": "messaging.api.messages.MessageSerializer",
    "inbound": "messaging.api.inbound.InboundSerializer",
}
_WHEN = MappingProxyType(
    {
        Status.SENT: "AWS has accepted a text.",
        Status.DELIVERED: "A text was delivered, as a delivery event says.",
        Status.FAILED: "AWS or a carrier has refused a text for good.",
        Status.SUPPRESSED: "A text must not be sent: its recipient has opted out, or another guard forbids it.",
        Status.UNKNOWN: "AWS has not answered: it may have a text or not. A later event settles it.",
        Status.EXPIRED: "A text was not sent in time.",
        Status.CANCELLED: "A text was withdrawn before it was sent.",
    }
)
_MESSAGE: Mapping[str, Any] = {
    "id": 1042,
    "conversation": "incidents",
    "subject": "P-117",
    "destination_phone_number": "+14255550182",
    "origination_identity": "+14255550100",
    "body": "Pump 4 has stopped. Reply YES to take it, NO if you cannot.",
    "message_type": "TRANSACTIONAL",
    "priority": 0,
    "encoding": "GSM",
    "parts": 1,
    "status": "delivered",
    "carrier_message_id": "a1b2c3d4-0000-4000-8000-000000000000",
    "error_code": "",
    "error_reason": "",
    "price": "0.007610",
    "price_currency": "USD",
    "queued_at": "2026-07-01T12:00:00Z",
    "sent_at": "2026-07-01T12:00:01Z",
    "delivered_at": "2026-07-01T12:00:04Z",
}
_INBOUND: Mapping[str, Any] = {
    "id": 77,
    "inbound_message_id": "e5f6a7b8-0000-4000-8000-000000000000",
    "origination_phone_number": "+14255550182",
    "destination_phone_number": "+14255550100",
    "body": "Who is this?",
    "previous_published_message_id": "",
    "outcome": "unmatched",
    "received_at": "2026-07-01T12:00:00Z",
}


class TextEvents:
    """See messaging.duties.EventTypes."""

    title = "Texts"

    @property
    def types(self) -> Sequence[EventType]:
        """Those of texts out, one for each status that is news, and of texts in."""
        return [
            *(
                EventType(
                    _name(status),
                    what,
                    "messaging.view_outboundmessage",
                    "Message",
                    _example(status),
                    every_conversation=True,
                )
                for status, what in _WHEN.items()
            ),
            EventType(
                RECEIVED,
                "Somebody has sent a text that no conversation could place: it waits for staff.",
                "messaging.view_inboundmessage",
                "Inbound",
                _INBOUND,
            ),
        ]


def wanted(status: Status) -> bool:
    """Whether anybody wants to hear of texts that come to this status."""
    return status in _WHEN and subscriptions.wanted(_name(status))


def moved(status: Status, keys: Sequence[int], at: datetime) -> None:
    """Tell that these texts have come to a status, in the transaction that brought them there. Ask ``wanted`` first.

    Told twice of one, only the first time counts; a text may become unknown several times, once by each attempt.
    """
    for begin in range(0, len(keys), _AT_ONCE):
        rows = OutboundMessage.objects.filter(OneOf("pk", keys[begin : begin + _AT_ONCE]), status=status).order_by("pk")
        publish_all(_name(status), [_occasion(row, status, at) for row in rows])


def received(text: InboundMessage) -> None:
    """Tell that a text has come in that nobody could place, in the transaction that routes it."""
    publish(
        RECEIVED,
        subject=f"inbound {text.pk}",
        data=lambda: _serialized("inbound", text),
        occurred_at=text.routed_at,
    )


def _occasion(row: OutboundMessage, status: Status, at: datetime) -> Occasion:
    occasion = f"{row.pk}:{row.attempts}" if status == Status.UNKNOWN else str(row.pk)
    return Occasion(
        subject=f"message {row.pk}",
        data=_serialized("message", row),
        occurred_at=at,
        key=f"{_name(status)}:{occasion}",
    )


def _serialized(what: str, row: Any) -> Any:
    # By name: the API imports much that imports this.
    return import_string(_SERIALIZERS[what])(row).data


def _name(status: Status) -> str:
    return f"message.{status.value}"


def _example(status: Status) -> Mapping[str, Any]:
    reasons = {
        Status.FAILED: ("TEXT_INVALID", "The number is not valid."),
        Status.SUPPRESSED: ("GUARD", "They opted out by text on 1 July 2026."),
        Status.UNKNOWN: ("NO_ANSWER", "The worker ended before AWS answered."),
    }
    code, reason = reasons.get(status, ("", ""))
    fields: dict[str, Any] = {"status": status.value, "error_code": code, "error_reason": reason}
    if status != Status.DELIVERED:
        fields |= dict.fromkeys(("delivered_at", "price", "price_currency"), None)
    if status not in {Status.SENT, Status.DELIVERED, Status.FAILED}:
        fields |= dict.fromkeys(("sent_at", "carrier_message_id"), None)
    return {**_MESSAGE, **fields}
