"""What SNS posts, taken apart strictly; nothing here is believed yet.

The three formats, and which fields each has:
https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
https://docs.aws.amazon.com/sns/latest/dg/http-subscription-confirmation-json.html
https://docs.aws.amazon.com/sns/latest/dg/http-unsubscribe-confirmation-json.html
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NoReturn

from messaging.inbound.sns.errors import BadSignature, Malformed, RawDelivery

MAX_BODY_BYTES: Final = 262_144
"""SNS messages end at 256 KiB: https://docs.aws.amazon.com/sns/latest/dg/sns-quotas.html"""

NOTIFICATION: Final = "Notification"
SUBSCRIPTION_CONFIRMATION: Final = "SubscriptionConfirmation"
UNSUBSCRIBE_CONFIRMATION: Final = "UnsubscribeConfirmation"
TYPES: Final = (NOTIFICATION, SUBSCRIPTION_CONFIRMATION, UNSUBSCRIBE_CONFIRMATION)

# Longest value of each field, generously above anything SNS has been seen to send. A MessageId is kept whole: two
# that begin alike must not pass for one.
_LIMITS: Final = {
    "MessageId": 100,
    "TopicArn": 512,
    "Timestamp": 40,
    "SignatureVersion": 16,
    "Signature": 4096,
    "SigningCertURL": 512,
    "Token": 4096,
    "SubscribeURL": 8192,
}
_SUBJECT_LIMIT: Final = 1024
# No space and no line break. Only Message may contain a line break, which makes the string to sign
# unambiguous: it cannot be cut into other fields with the same bytes (see signature.string_to_sign).
_PRINTABLE_ASCII = re.compile(r"[!-~]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z")
_TYPE_HEADER: Final = "x-amz-sns-message-type"
_RAW_HEADER: Final = "x-amz-sns-rawdelivery"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One delivery. Each attribute except ``raw`` and the three about the signature is covered by it.

    Fields that the signature of that type does not cover are None here even if the body has them: ``subject``
    of a confirmation, ``token`` and ``subscribe_url`` of a notification. ``raw`` is the body as it came,
    unsigned fields (MessageAttributes, UnsubscribeURL) included: for the record, never for a decision.
    """

    type: str
    message_id: str
    topic_arn: str
    subject: str | None
    message: str
    timestamp: datetime
    raw_timestamp: str
    signature_version: str
    signature: bytes = field(repr=False)
    signing_cert_url: str
    token: str | None = field(repr=False)
    subscribe_url: str | None = field(repr=False)
    raw: dict[str, Any] = field(repr=False, compare=False)


def parse(body: bytes, headers: Mapping[str, str]) -> Envelope:
    """Take a request apart; raises Malformed for whatever SNS would never send.

    Headers are outside the signature, so they are only ever a reason to refuse, never to accept.
    https://docs.aws.amazon.com/sns/latest/dg/http-header.html
    """
    declared = _judge_headers(headers)
    raw = _load(body)
    kind = raw.get("Type")
    if kind not in TYPES:
        raise Malformed(f"Type is {_short(kind)}, not one of {', '.join(TYPES)}")
    if declared is not None and declared != kind:
        raise Malformed(f"the header {_TYPE_HEADER} says {_short(declared)}, the body says {kind}")
    confirmation = kind != NOTIFICATION
    raw_timestamp = _ascii(raw, "Timestamp")
    return Envelope(
        type=kind,
        message_id=_ascii(raw, "MessageId"),
        topic_arn=_ascii(raw, "TopicArn"),
        subject=None if confirmation else _subject(raw),
        message=_string(raw, "Message"),
        timestamp=_moment(raw_timestamp),
        raw_timestamp=raw_timestamp,
        signature_version=_ascii(raw, "SignatureVersion"),
        signature=_signature(_ascii(raw, "Signature")),
        signing_cert_url=_ascii(raw, "SigningCertURL"),
        token=_ascii(raw, "Token") if confirmation else None,
        subscribe_url=_ascii(raw, "SubscribeURL") if confirmation else None,
        raw=raw,
    )


def _judge_headers(headers: Mapping[str, str]) -> str | None:
    """Refuse raw delivery; return the type that the headers declare, if any.

    A raw body has no signature:
    https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
    """
    declared = None
    for name, value in headers.items():
        lowered = name.lower()
        if lowered == _TYPE_HEADER:
            declared = value
        elif lowered == _RAW_HEADER and value.strip().lower() != "false":
            raise RawDelivery(f"the header {_RAW_HEADER} is {_short(value)}")
    return declared


def _load(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_BODY_BYTES:  # the view answers 413 before it comes here; this is the net below it
        raise Malformed(f"the body has {len(body)} bytes, more than {MAX_BODY_BYTES}")
    try:
        # Decoded here, because json.loads guesses UTF-16 and UTF-32 when given bytes.
        text = body.decode("utf-8")
        raw = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
        if "\\ud" in text or "\\uD" in text:
            # Half of a surrogate pair has no UTF-8 form: it can neither be checked nor stored.
            json.dumps(raw, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise Malformed("the body is nested too deeply") from None
    except ValueError as error:  # what UnicodeError and JSONDecodeError descend from
        raise Malformed(f"the body is not valid JSON in UTF-8: {type(error).__name__}") from None
    if not isinstance(raw, dict):
        raise Malformed(f"the body is a JSON {type(raw).__name__}, not an object")
    return raw


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Parsers differ in which of two equal keys wins; a body on which they would disagree is not from SNS.
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Malformed("a key occurs twice in one JSON object")
    return result


def _no_constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is not JSON")


def _string(raw: dict[str, Any], name: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str):
        raise Malformed(f"{name} is missing" if value is None else f"{name} is not a string")
    return value


def _ascii(raw: dict[str, Any], name: str) -> str:
    value = _string(raw, name)
    if len(value) > _LIMITS[name]:
        raise Malformed(f"{name} has {len(value)} characters, more than {_LIMITS[name]}")
    if _PRINTABLE_ASCII.fullmatch(value) is None:
        raise Malformed(f"{name} is empty or has characters other than printable ASCII")
    return value


def _subject(raw: dict[str, Any]) -> str | None:
    """Absent is None, present is signed; an empty string is present.

    The documentation signs the Subject "if included in the message", and the validators of AWS ask whether
    the key is there, not whether the value is true. SNS itself leaves the key out when none was given; null, which
    some of its stand-ins write, is no Subject either.
    No line breaks or control characters: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
    """
    if raw.get("Subject") is None:
        return None
    value = _string(raw, "Subject")
    if len(value) > _SUBJECT_LIMIT or _CONTROL.search(value):
        raise Malformed("Subject is too long or contains control characters")
    return value


def _moment(text: str) -> datetime:
    if _TIMESTAMP.fullmatch(text) is None:
        raise Malformed(f"Timestamp {_short(text)} is not in the form 2012-05-02T00:54:06.655Z")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Malformed(f"Timestamp {_short(text)} does not exist") from None


def _signature(text: str) -> bytes:
    try:
        decoded = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise BadSignature("Signature is not base64") from None
    if base64.b64encode(decoded).decode("ascii") != text:
        raise BadSignature("Signature is not base64 in its canonical form")
    return decoded


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
