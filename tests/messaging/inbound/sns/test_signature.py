"""What is signed, in which order, and that changing any of it shows."""

import base64
import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.inbound.sns.envelope import parse
from messaging.inbound.sns.errors import BadSignature, Malformed, Refused
from messaging.inbound.sns.signature import string_to_sign, verify
from tests.messaging.inbound.sns.signing import (
    LAYOUTS,
    body,
    confirmation,
    layout_of,
    notification,
    rsa_key,
    sign,
)

KEY = rsa_key().public_key()
MESSAGES: dict[str, dict[str, Any]] = {
    "notification": notification(),
    "notification with subject": notification(Subject="My First Message"),
    "notification with empty subject": notification(Subject=""),
    "notification with accents": notification(Subject="Überraschung ✓", Message='日本語\r\n\t"quoted" \\ \u2028 👍🏽'),
    "empty message": notification(Message=""),
    "subscription": confirmation(),
    "unsubscription": confirmation("UnsubscribeConfirmation"),
}
each_message = pytest.mark.parametrize("fields", MESSAGES.values(), ids=MESSAGES.keys())
each_version = pytest.mark.parametrize("version", ["1", "2"])


@each_message
@each_version
def test_genuine(fields: dict[str, Any], version: str) -> None:
    verify(parse(body(sign(fields, version)), {}), KEY)


@each_message
def test_the_string_to_sign_is_the_documented_one(fields: dict[str, Any]) -> None:
    expected = LAYOUTS[layout_of(fields)].format(**fields).encode("utf-8")
    assert string_to_sign(parse(body(sign(fields)), {})) == expected


def test_the_example_of_the_documentation() -> None:
    """From https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html."""
    fields = notification(
        Message="Hello World",
        MessageId="4d4dc071-ddbf-465d-bba8-08f81c89da64",
        Subject="test",
        Timestamp="2012-04-25T21:49:25.719Z",
        TopicArn="arn:aws:sns:us-east-2:123456789012:s4-MySNSTopic-1G1WEFCOXTC0P",
    )
    assert string_to_sign(parse(body(sign(fields)), {})) == (
        b"Message\nHello World\nMessageId\n4d4dc071-ddbf-465d-bba8-08f81c89da64\nSubject\ntest\n"
        b"Timestamp\n2012-04-25T21:49:25.719Z\n"
        b"TopicArn\narn:aws:sns:us-east-2:123456789012:s4-MySNSTopic-1G1WEFCOXTC0P\nType\nNotification\n"
    )


CHANGES: list[tuple[str, str, Any]] = [
    *(
        (which, name, value)
        for which in ("notification", "notification with subject")
        for name, value in {
            "Message": "YES",
            "MessageId": "ffffffff-ea4d-435a-b922-c6aae3915ebe",
            "Subject": "another",
            "Timestamp": "2026-11-20T12:45:08.000Z",
            "TopicArn": "arn:aws:sns:us-east-1:123456789012:another",
        }.items()
    ),
    *(
        (which, name, value)
        for which in ("subscription", "unsubscription")
        for name, value in {
            "Message": "YES",
            "MessageId": "ffffffff-ea4d-435a-b922-c6aae3915ebe",
            "SubscribeURL": "https://evil.example/",
            "Timestamp": "2026-11-20T12:45:08.000Z",
            "Token": "ffff",
            "TopicArn": "arn:aws:sns:us-east-1:123456789012:another",
        }.items()
    ),
    ("subscription", "Type", "UnsubscribeConfirmation"),
    ("unsubscription", "Type", "SubscriptionConfirmation"),
    ("subscription", "Type", "Notification"),
    ("notification with subject", "Subject", None),
    ("notification with subject", "Subject", ""),
    ("notification", "Subject", ""),
    ("notification with empty subject", "Subject", None),
    ("notification", "Message", ""),
    ("empty message", "Message", " "),
    ("notification", "Timestamp", "2026-11-20T12:45:07.00Z"),  # the same moment, other bytes
    ("notification", "SignatureVersion", "2"),
    ("notification", "Signature", base64.b64encode(bytes(256)).decode()),
    ("notification", "Signature", base64.b64encode(b"\xff" * 256).decode()),
    ("notification", "Signature", "YQ=="),
]


@each_version
@pytest.mark.parametrize(("which", "name", "value"), CHANGES)
def test_one_field_changed(which: str, name: str, value: Any, version: str) -> None:
    if name == "SignatureVersion" and version == "2":
        value = "1"
    fields = {**sign(MESSAGES[which], version), name: value}
    envelope = parse(body({key: each for key, each in fields.items() if each is not None}), {})
    with pytest.raises(BadSignature) as refusal:
        verify(envelope, KEY)
    assert refusal.value.status == 403


@pytest.mark.parametrize("name", ["MessageAttributes", "UnsubscribeURL", "NewFieldOf2030"])
@pytest.mark.parametrize("value", ["changed", {"a": {"Type": "String", "Value": "b"}}, 1, None])
def test_what_sns_does_not_sign_may_change(name: str, value: Any) -> None:
    verify(parse(body({**sign(notification()), name: value}), {}), KEY)


@pytest.mark.parametrize("version", ["0", "3", "01", "1.0", "2\u00a0", "SHA1", "-1", "v1"])
def test_unknown_versions(version: str) -> None:
    with pytest.raises(Refused, match="SignatureVersion"):
        verify(parse(body({**sign(notification()), "SignatureVersion": version}), {}), KEY)


@each_version
def test_another_key(version: str) -> None:
    forged = sign(notification(), version, rsa_key("mallory"))
    with pytest.raises(BadSignature):
        verify(parse(body(forged), {}), KEY)


@each_version
def test_a_shortened_signature(version: str) -> None:
    genuine = parse(body(sign(notification(), version)), {})
    for signature in (b"", genuine.signature[:-1], genuine.signature[:128], genuine.signature + b"\0"):
        with pytest.raises(BadSignature):
            verify(dataclasses.replace(genuine, signature=signature), KEY)


def test_truncated_base64() -> None:
    signed = sign(notification())
    for cut in range(1, 5):
        with pytest.raises(BadSignature):
            verify(parse(body({**signed, "Signature": signed["Signature"][:-cut]}), {}), KEY)


def test_one_signed_text_cannot_be_read_as_two_messages() -> None:
    """The format escapes nothing: whoever may publish could write fields of another message into theirs."""
    genuine = sign(notification(Message="hi\nMessageId\nforged\nSubject\nfree", MessageId="real"))
    forged = {**genuine, "Message": "hi", "MessageId": "forged", "Subject": "free\nMessageId\nreal"}
    layout = LAYOUTS["Notification with Subject"].format(**forged)
    assert layout == LAYOUTS["Notification"].format(**genuine)  # the very same bytes
    verify(parse(body(genuine), {}), KEY)
    with pytest.raises(Malformed, match="Subject"):
        parse(body(forged), {})


LINE = st.text(st.sampled_from("ab \nMessageIdSubjectTimestampTypeTokn"), max_size=4)
KEYWORDS = st.sampled_from(["Message", "MessageId", "Subject", "Timestamp", "Type", "Token", "SubscribeURL"])
TEXT = st.lists(st.one_of(LINE, KEYWORDS), max_size=6).map("\n".join)


@given(
    one=st.fixed_dictionaries({"Message": TEXT, "MessageId": TEXT}, optional={"Subject": TEXT}),
    two=st.fixed_dictionaries({"Message": TEXT, "MessageId": TEXT}, optional={"Subject": TEXT}),
)
def test_different_messages_have_different_strings_to_sign(one: dict[str, str], two: dict[str, str]) -> None:
    signed = sign(notification())
    try:
        first, second = (parse(body({**signed, **fields}), {}) for fields in (one, two))
    except Refused:
        return
    assert (string_to_sign(first) == string_to_sign(second)) == (one == two)
