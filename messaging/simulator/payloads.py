"""What End User Messaging puts into SNS: the inbound text and the delivery event, as documented."""

from __future__ import annotations

from typing import Any

from messaging.simulator import clock, parts
from messaging.simulator.records import ReceivedText, SentText

COUNTRIES = {
    "+1": "US", "+33": "FR", "+34": "ES", "+39": "IT", "+44": "GB", "+46": "SE", "+49": "DE", "+61": "AU",
    "+81": "JP", "+91": "IN", "+353": "IE", "+972": "IL",
}  # fmt: skip
CANADIAN_AREAS = frozenset({
    204, 226, 236, 249, 250, 263, 289, 306, 343, 354, 365, 367, 368, 382, 403, 416, 418, 428,
    431, 437, 438, 450, 460, 468, 474, 506, 514, 519, 548, 579, 581, 584, 587, 604, 613, 639,
    647, 672, 683, 705, 709, 742, 753, 778, 780, 782, 807, 819, 825, 867, 873, 879, 902, 905,
})  # fmt: skip
DESCRIPTIONS = {
    "TEXT_QUEUED": "Message is queued for delivery",
    "TEXT_PENDING": "Message is pending delivery by the carrier",
    "TEXT_SUCCESSFUL": "Message has been accepted by carrier",
    "TEXT_DELIVERED": "Message has been accepted by phone",
    "TEXT_INVALID": "Invalid destination phone number",
    "TEXT_INVALID_MESSAGE": "Message body is invalid",
    "TEXT_UNREACHABLE": "Phone is currently unreachable/unavailable",
    "TEXT_CARRIER_UNREACHABLE": "Phone carrier is currently unreachable/unavailable",
    "TEXT_BLOCKED": "Phone has blocked SMS",
    "TEXT_CARRIER_BLOCKED": "Phone carrier has blocked this message",
    "TEXT_SPAM": "Phone carrier has blocked this message as spam",
    "TEXT_UNKNOWN": "Unknown error attempting to reach phone",
    "TEXT_TTL_EXPIRED": "Message was not delivered within its time to live",
    "TEXT_PROTECT_BLOCKED": "Message was blocked by a protect configuration",
}


def country(number: str) -> str:
    if number.startswith("+1") and number[2:5].isdigit() and int(number[2:5]) in CANADIAN_AREAS:
        return "CA"
    for digits in (4, 3, 2):
        if number[:digits] in COUNTRIES:
            return COUNTRIES[number[:digits]]
    return "US"


def inbound_text(received: ReceivedText, account_id: str) -> dict[str, Any]:
    payload = {
        "originationNumber": received.from_number,
        "destinationNumber": received.to_number,
        "messageKeyword": f"KEYWORD_{account_id}",
        "messageBody": received.body,
        "inboundMessageId": received.inbound_id,
    }
    if received.previous is not None:
        payload["previousPublishedMessageId"] = received.previous
    return payload


def delivery_event(sent: SentText, event_type: str, *, final: bool, at: float) -> dict[str, Any]:
    return {
        "eventType": event_type,
        "eventVersion": "1.0",
        "eventTimestamp": clock.milliseconds(at),
        "isFinal": final,
        "originationPhoneNumber": sent.origination,
        "destinationPhoneNumber": sent.destination,
        "isoCountryCode": country(sent.destination),
        "isInternationalSend": country(sent.destination) != country(sent.origination),
        "messageId": sent.message_id,
        "messageRequestTimestamp": clock.milliseconds(sent.at),
        "messageEncoding": parts.encoding(sent.body),
        "messageType": sent.message_type,
        "messageStatus": event_type.removeprefix("TEXT_"),
        "messageStatusDescription": DESCRIPTIONS.get(event_type, event_type),
        "context": dict(sent.context),
        "totalMessageParts": parts.count(sent.body),
        "totalMessagePrice": parts.price(sent.body),
        "totalCarrierFee": 0.0,
    }
