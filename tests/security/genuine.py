"""Deliveries that SNS would sign, for tests in which only one thing is wrong, or nothing."""

import json
from typing import Any

from tests.messaging.factories import ANN, OUR_NUMBER
from tests.messaging.inbound.sns.signing import body, notification, sign

WEBHOOK = "/webhooks/sns/"


def payload(name: str = "in-1", text: str = "YES", **changes: Any) -> dict[str, Any]:
    """What End User Messaging publishes for an inbound text."""
    return {
        "originationNumber": ANN,
        "destinationNumber": OUR_NUMBER,
        "messageKeyword": "KEYWORD_1",
        "messageBody": text,
        "inboundMessageId": name,
        "previousPublishedMessageId": "out-1",
        **changes,
    }


def delivery(name: str = "in-1", text: str = "YES", **changes: Any) -> bytes:
    """The body of a genuine notification of an inbound text."""
    return body(sign(notification(Message=json.dumps(payload(name, text)), **changes), "2"))
