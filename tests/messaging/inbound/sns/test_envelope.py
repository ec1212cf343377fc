"""What a request must look like before anybody asks who signed it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from messaging.inbound.sns.envelope import MAX_BODY_BYTES, Envelope, parse
from messaging.inbound.sns.errors import BadSignature, Malformed, RawDelivery, Refused
from tests.messaging.inbound.sns.signing import (
    INBOUND,
    SUBSCRIBE_URL,
    TOKEN,
    TOPIC_ARN,
    body,
    confirmation,
    notification,
    sign,
)

SIGNED = sign(notification())
GOOD = body(SIGNED)


def test_a_notification() -> None:
    envelope = parse(body(sign(notification(Subject="Hello"))), {})
    assert isinstance(envelope, Envelope)
    assert (envelope.type, envelope.topic_arn) == ("Notification", TOPIC_ARN)
    assert (envelope.message, envelope.subject) == (INBOUND, "Hello")
    assert envelope.timestamp == datetime(2026, 11, 20, 12, 45, 7, tzinfo=UTC)
    assert envelope.raw_timestamp == "2026-11-20T12:45:07.000Z"
    assert len(envelope.signature) == 256
    assert envelope.raw["MessageAttributes"] == {"kind": {"Type": "String", "Value": "inbound"}}


@pytest.mark.parametrize("kind", ["SubscriptionConfirmation", "UnsubscribeConfirmation"])
def test_a_confirmation(kind: str) -> None:
    envelope = parse(body(sign(confirmation(kind))), {})
    assert (envelope.type, envelope.token, envelope.subscribe_url) == (kind, TOKEN, SUBSCRIBE_URL)


def test_what_the_signature_does_not_cover_is_not_in_the_envelope() -> None:
    with_token = parse(body({**SIGNED, "Token": "x", "SubscribeURL": "https://evil.example/"}), {})
    assert (with_token.token, with_token.subscribe_url) == (None, None)
    signed = sign(confirmation())
    assert parse(body({**signed, "Subject": "forged"}), {}).subject is None


def test_an_empty_subject_is_a_subject() -> None:
    assert parse(body(sign(notification(Subject=""))), {}).subject == ""
    assert parse(body({**sign(notification()), "Subject": None}), {}).subject is None
    assert parse(GOOD, {}).subject is None


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [
        ("2012-05-02T00:54:06Z", 0),
        ("2012-05-02T00:54:06.6Z", 600_000),
        ("2012-05-02T00:54:06.655123456Z", 655_123),
    ],
)
def test_timestamps(text: str, microsecond: int) -> None:
    moment = parse(body({**SIGNED, "Timestamp": text}), {}).timestamp
    assert moment == datetime(2012, 5, 2, 0, 54, 6, microsecond, tzinfo=UTC)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-amz-sns-message-type": "Notification"},
        {"X-Amz-Sns-Message-Type": "Notification", "Content-Type": "text/plain; charset=UTF-8"},
        {"X-Amz-Sns-Rawdelivery": "false"},
        {"X-Amz-Sns-Topic-Arn": "arn:aws:sns:us-east-1:999999999999:somebody-elses"},
    ],
)
def test_headers_that_do_not_contradict(headers: dict[str, str]) -> None:
    # The last row: an unsigned header decides nothing, the ARN in the body does.
    assert parse(GOOD, headers).topic_arn == TOPIC_ARN


@pytest.mark.parametrize(
    "headers",
    [
        {"x-amz-sns-message-type": "SubscriptionConfirmation"},
        {"X-AMZ-SNS-MESSAGE-TYPE": "notification"},
        {"x-amz-sns-message-type": ""},
        {"x-amz-sns-message-type": "Notification,SubscriptionConfirmation"},
    ],
)
def test_a_header_that_contradicts_the_type(headers: dict[str, str]) -> None:
    with pytest.raises(Malformed, match="x-amz-sns-message-type"):
        parse(GOOD, headers)


@pytest.mark.parametrize("value", ["true", "True", " true ", "1", ""])
@pytest.mark.parametrize("content", [GOOD, b'{"originationNumber":"+14255550182"}', b"Yes"])
def test_raw_delivery_is_refused_whatever_the_body(value: str, content: bytes) -> None:
    with pytest.raises(RawDelivery) as refusal:
        parse(content, {"X-Amz-Sns-Rawdelivery": value})
    assert "raw message delivery off" in refusal.value.hint


NESTED = 200_000
BODIES = {
    "empty": b"",
    "spaces": b"  \n",
    "not json": b"YES",
    "raw delivery without its header": INBOUND.encode(),
    "array": b"[" + GOOD + b"]",
    "string": json.dumps(GOOD.decode()).encode(),
    "number": b"1",
    "null": b"null",
    "two objects": GOOD + GOOD,
    "trailing garbage": GOOD + b"x",
    "cut short": GOOD[:-1],
    "byte order mark": b"\xef\xbb\xbf" + GOOD,
    "utf-16": GOOD.decode().encode("utf-16"),
    "utf-32": GOOD.decode().encode("utf-32"),
    "latin-1": body({**SIGNED, "Message": "café"}).decode().encode("latin-1"),
    "overlong utf-8": GOOD.replace(b"Yes", b"\xc0\xaf"),
    "surrogate in utf-8": GOOD.replace(b"Yes", b"\xed\xa0\x80"),
    "half a surrogate pair": GOOD.replace(b"Yes", b"\\ud83d"),
    "half a surrogate pair, upper case": GOOD.replace(b"Yes", b"\\uDC4D"),
    "half a surrogate pair in an unsigned field": GOOD.replace(b'"inbound"', b'"\\udc4d"'),
    "control character": GOOD.replace(b"Yes", b"\x01"),
    "deep arrays": b"[" * NESTED,
    "deep objects": b'{"a":' * (NESTED // 5),
    "deep arrays in an unsigned field": GOOD.replace(b'"inbound"', b"[" * 60_000 + b"]" * 60_000),
    "over the limit": GOOD + b" " * MAX_BODY_BYTES,
    "NaN": GOOD.replace(b'"inbound"', b"NaN"),
    "infinity": GOOD.replace(b'"inbound"', b"-Infinity"),
    "endless number": GOOD.replace(b'"inbound"', b"9" * 100_000),
    "key twice": GOOD.replace(b'"Type" : "Notification"', b'"Type" : "Notification", "Type" : "Notification"'),
    "message twice": GOOD.replace(b'"Type"', b'"Message" : "YES",\n "Type"'),
    "key twice, escaped": GOOD.replace(b'"Type" :', b'"Typ\\u0065" : "Notification", "Type" :'),
    "key twice further down": GOOD.replace(b'"Value" :', b'"Value" : "x", "Value" :'),
}


@pytest.mark.parametrize("content", BODIES.values(), ids=BODIES.keys())
def test_bodies_that_sns_does_not_send(content: bytes) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(content, {})
    assert refusal.value.status == 400


ABSENT: Any = object()
FIELDS: list[tuple[str, Any]] = [
    ("Type", ABSENT),
    ("Type", None),
    ("Type", "notification"),
    ("Type", "Notification\n"),
    ("Type", ["Notification"]),
    ("Type", {}),
    ("Type", "RawNotification"),
    *((name, ABSENT) for name in SIGNED if name not in {"Type", "UnsubscribeURL", "MessageAttributes"}),
    *((name, 1) for name in ("MessageId", "TopicArn", "Message", "Timestamp", "SignatureVersion", "Signature")),
    ("SignatureVersion", 2),
    ("Message", None),
    ("Message", {"default": "x"}),
    ("Message", True),
    ("Subject", 1),
    ("Subject", ["x"]),
    ("Subject", "two\nlines"),
    ("Subject", "null\0"),
    ("Subject", "s" * 1025),
    ("MessageId", ""),
    ("MessageId", "x" * 129),
    ("MessageId", "a b"),
    ("MessageId", "a\nTimestamp\nb"),
    ("MessageId", "é"),
    ("TopicArn", ""),
    ("TopicArn", TOPIC_ARN + "\n"),
    ("TopicArn", "a" * 513),
    ("SigningCertURL", ""),
    ("SigningCertURL", "https://sns.us-east-1.amazonaws.com/" + "a" * 500),
    ("Signature", "A" * 4097),
    ("Timestamp", ""),
    ("Timestamp", "2026-11-20"),
    ("Timestamp", "2026-11-20T12:45:07"),
    ("Timestamp", "2026-11-20 12:45:07Z"),
    ("Timestamp", "2026-11-20T12:45:07+00:00"),
    ("Timestamp", "2026-11-20T12:45:07.Z"),
    ("Timestamp", "2026-02-30T12:45:07Z"),
    ("Timestamp", "2026-11-20T25:00:00Z"),
    ("Timestamp", "0000-11-20T12:45:07Z"),
    ("Timestamp", "٢٠٢٦-11-20T12:45:07Z"),
]


@pytest.mark.parametrize(("name", "value"), FIELDS)
def test_fields_that_sns_does_not_send(name: str, value: Any) -> None:
    fields = {key: each for key, each in SIGNED.items() if key != name}
    if value is not ABSENT:
        fields[name] = value
    with pytest.raises(Malformed, match=name):
        parse(body(fields), {})


@pytest.mark.parametrize("name", ["Token", "SubscribeURL"])
@pytest.mark.parametrize("value", [ABSENT, "", None, 1, "two\nlines", "x" * 9000])
def test_a_confirmation_needs_its_token_and_url(name: str, value: Any) -> None:
    fields = {key: each for key, each in sign(confirmation()).items() if key != name}
    if value is not ABSENT:
        fields[name] = value
    with pytest.raises(Malformed, match=name):
        parse(body(fields), {})


@pytest.mark.parametrize(
    "signature",
    ["EXAMPLE*", "abc", "abcd=", "=abc", "ab=c", "YQ==YQ==", "YR==", "YQ", "a-_b", "YQ=="[:3], "YWJj\u00a0"],
)
def test_base64_is_strict(signature: str) -> None:
    with pytest.raises((BadSignature, Malformed)):
        parse(body({**SIGNED, "Signature": signature}), {})


def test_every_refusal_says_what_to_do() -> None:
    families: list[type[Refused]] = [Refused, *Refused.__subclasses__(), RawDelivery]
    for family in families:
        assert family("x").hint
        assert family("x").status in {400, 403}
    assert Malformed("x", "do this").hint == "do this"


def test_tokens_and_signatures_are_not_printed() -> None:
    assert TOKEN not in repr(parse(body(sign(confirmation())), {}))
