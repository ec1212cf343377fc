"""The verdict on whole requests, and the order in which it is reached."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.inbound.sns.certificate import Certificate, load
from messaging.inbound.sns.envelope import Envelope
from messaging.inbound.sns.errors import (
    BadCertificate,
    BadCertificateUrl,
    BadSignature,
    Malformed,
    Refused,
    TemporarilyUnverifiable,
    UnknownTopic,
)
from messaging.inbound.sns.signature import string_to_sign
from messaging.inbound.sns.verify import Verifier
from tests.messaging.inbound.sns.signing import (
    CERT_URL,
    TOPIC_ARN,
    body,
    certificate,
    confirmation,
    notification,
    rsa_key,
    sign,
)

OTHER_TOPIC = "arn:aws:sns:us-east-1:999999999999:attackers-own"


class Source:
    """A certificate for every address, and a note of who asked."""

    def __init__(self, answer: Certificate | Exception | None = None) -> None:
        self.answer = answer or load(certificate())
        self.asked: list[str] = []

    def get(self, url: str) -> Certificate:
        self.asked.append(url)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize(
    "fields",
    [notification(), notification(Subject="x"), confirmation(), confirmation("UnsubscribeConfirmation")],
)
def test_genuine_messages(fields: dict[str, object], version: str) -> None:
    headers = {"X-Amz-Sns-Message-Type": str(fields["Type"]), "Content-Type": "text/plain; charset=UTF-8"}
    envelope = Verifier([OTHER_TOPIC, TOPIC_ARN], Source()).verify(body(sign(fields, version)), headers)
    assert (envelope.type, envelope.message) == (fields["Type"], fields["Message"])


def test_other_json_formatting_is_the_same_message() -> None:
    content = json.dumps(sign(notification()), separators=(",", ":")).encode()  # with \u escapes, emoji as pairs
    assert Verifier([TOPIC_ARN], Source()).verify(content, {}).message == notification()["Message"]


def test_messages_may_be_old() -> None:
    old = sign(notification(Timestamp="2012-05-02T00:54:06.655Z"))
    assert Verifier([TOPIC_ARN], Source()).verify(body(old), {}).timestamp.year == 2012


def test_a_genuine_message_of_a_topic_that_is_not_ours() -> None:
    """Anybody may subscribe our address to a topic of their own; SNS then signs for them, quite genuinely."""
    source = Source()
    with pytest.raises(UnknownTopic) as refusal:
        Verifier([TOPIC_ARN], source).verify(body(sign(notification(TopicArn=OTHER_TOPIC))), {})
    assert (refusal.value.status, source.asked) == (403, [])
    assert "SNS_TOPIC_ARNS" in refusal.value.hint


@pytest.mark.parametrize(
    "allowed",
    [
        [TOPIC_ARN + "-2"],
        [TOPIC_ARN[:-1]],
        [TOPIC_ARN.upper()],
        [" " + TOPIC_ARN],
        ["*"],
        ["arn:aws:sns:*:*:*"],
        ["arn:aws:sns:us-east-1:123456789012:two_way"],
    ],
)
def test_the_allow_list_is_exact(allowed: list[str]) -> None:
    with pytest.raises(UnknownTopic):
        Verifier(allowed, Source()).verify(body(sign(notification())), {})


@pytest.mark.parametrize("allowed", [[], [""], (), frozenset()])
def test_an_empty_allow_list_allows_nothing(allowed: list[str]) -> None:
    with pytest.raises(UnknownTopic, match="no topic is allowed") as refusal:
        Verifier(allowed, Source()).verify(body(sign(notification())), {})
    assert "Set SNS_TOPIC_ARNS" in refusal.value.hint
    # An operator in a hurry must not be handed a stranger's ARN to paste.
    assert TOPIC_ARN not in refusal.value.hint


def test_one_string_is_not_a_list_of_topics() -> None:
    with pytest.raises(TypeError):
        Verifier(TOPIC_ARN, Source())


BROKEN: list[tuple[type[Refused], dict[str, str]]] = [
    (Malformed, {"Timestamp": "yesterday"}),
    (UnknownTopic, {"TopicArn": OTHER_TOPIC}),
    (
        BadCertificateUrl,
        {"SigningCertURL": "https://sns.s3-us-west-2.amazonaws.com/SimpleNotificationService-0a.pem"},
    ),
    (BadSignature, {"Message": "forged"}),
]


@pytest.mark.parametrize("first", range(len(BROKEN)))
def test_the_order_of_judgement(first: int) -> None:
    """With everything from one step on broken, it is that step which refuses; nothing is fetched before the last."""
    fields = sign(notification())
    for _, change in BROKEN[first:]:
        fields.update(change)
    source = Source()
    with pytest.raises(BROKEN[first][0]):
        Verifier([TOPIC_ARN], source).verify(body(fields), {})
    assert source.asked == ([CERT_URL] if first == len(BROKEN) - 1 else [])


@pytest.mark.parametrize("trouble", [BadCertificate("expired"), TemporarilyUnverifiable("no network")])
def test_without_a_certificate_nothing_is_believed(trouble: Exception) -> None:
    with pytest.raises(type(trouble)):
        Verifier([TOPIC_ARN], Source(trouble)).verify(body(sign(notification())), {})


def test_a_listed_arn_that_is_none() -> None:
    with pytest.raises(UnknownTopic, match="not the ARN"):
        Verifier(["my-topic"], Source()).verify(body(sign(notification(TopicArn="my-topic"))), {})


def test_another_key() -> None:
    with pytest.raises(BadSignature):
        Verifier([TOPIC_ARN], Source(load(certificate(key=rsa_key("mallory"))))).verify(body(sign(notification())), {})


GENUINE = body(sign(notification(Subject="Hello"), "2"))
VERIFIER = Verifier([TOPIC_ARN], Source())


def signed_content(envelope: Envelope) -> tuple[object, ...]:
    return (
        string_to_sign(envelope),
        envelope.type,
        envelope.message_id,
        envelope.topic_arn,
        envelope.subject,
        envelope.message,
        envelope.raw_timestamp,
        envelope.timestamp,
        envelope.token,
        envelope.subscribe_url,
        envelope.signature,
    )


EXPECTED = signed_content(VERIFIER.verify(GENUINE, {}))


def refused_or_unchanged(content: bytes) -> bool:
    try:
        envelope = VERIFIER.verify(content, {})
    except Refused:
        return True
    return signed_content(envelope) == EXPECTED


def flipped() -> Iterator[bytes]:
    for position, byte in enumerate(GENUINE):
        for bit in range(8):
            yield GENUINE[:position] + bytes([byte ^ (1 << bit)]) + GENUINE[position + 1 :]


def test_no_flipped_bit_changes_what_is_believed() -> None:
    assert all(refused_or_unchanged(content) for content in flipped())


@settings(max_examples=400, deadline=None)
@given(position=st.integers(0, len(GENUINE) - 1), byte=st.integers(0, 255))
def test_no_replaced_byte_changes_what_is_believed(position: int, byte: int) -> None:
    assert refused_or_unchanged(GENUINE[:position] + bytes([byte]) + GENUINE[position + 1 :])


@settings(max_examples=400, deadline=None)
@given(position=st.integers(0, len(GENUINE)), cut=st.integers(0, 40), insert=st.binary(max_size=8))
def test_no_edit_changes_what_is_believed(position: int, cut: int, insert: bytes) -> None:
    assert refused_or_unchanged(GENUINE[:position] + insert + GENUINE[position + cut :])


@given(st.binary(max_size=200))
def test_noise_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        VERIFIER.verify(content, {})
