"""Short ways to the rows that tests begin with."""

import itertools
from datetime import timedelta
from typing import Any

from messaging import clock
from messaging.contracts import Draft
from messaging.models import InboundMessage, OutboundMessage, Status
from messaging.outbound import outbox

OUR_NUMBER = "+14255550100"
ANN = "+14255550182"
BOB = "+14255550183"

_keys = itertools.count(1)


def queued(to: str = ANN, body: str = "Hello", **fields: Any) -> OutboundMessage:
    """A text just queued."""
    fields.setdefault("idempotency_key", f"test:{next(_keys)}")
    return outbox.queue(Draft(to, body, **fields))


def standing(status: Status, to: str = ANN, seconds_ago: float = 0, **fields: Any) -> OutboundMessage:
    """A text that stands in a status since some time, as if the house had brought it there."""
    at = clock.now() - timedelta(seconds=seconds_ago)
    values: dict[str, Any] = {
        "idempotency_key": f"test:{next(_keys)}",
        "destination_phone_number": to,
        "origination_identity": OUR_NUMBER,
        "body": "Hello",
        "encoding": "GSM",
        "parts": 1,
        "status": status,
        "due_at": at,
        "queued_at": at,
    }
    if status != Status.QUEUED:
        values |= {"attempts": 1, "attempted_at": at}
    if status in {Status.SENT, Status.DELIVERED}:
        values |= {"sent_at": at, "carrier_message_id": f"carrier-{next(_keys)}"}
    return OutboundMessage.objects.create(**values | fields)


def received(body: str, sender: str = ANN, **fields: Any) -> InboundMessage:
    """An inbound text, stored and not yet routed."""
    now = clock.now()
    values: dict[str, Any] = {
        "inbound_message_id": f"inbound-{next(_keys)}",
        "sns_message_id": f"sns-{next(_keys)}",
        "origination_phone_number": sender,
        "destination_phone_number": OUR_NUMBER,
        "body": body,
        "received_at": now,
        "stored_at": now,
        "route_after": now,
    }
    return InboundMessage.objects.create(**values | fields)
