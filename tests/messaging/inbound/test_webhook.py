"""POST /webhooks/sns/: what is answered, and what is stored by then."""

import json
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from messaging.inbound import store, webhooks
from messaging.models import DeliveryEvent, InboundMessage
from messaging.simulator import Simulator
from tests.messaging.factories import ANN, OUR_NUMBER

pytestmark = pytest.mark.django_db

TEXT = {
    "originationNumber": ANN,
    "destinationNumber": OUR_NUMBER,
    "messageKeyword": "KEYWORD_1",
    "messageBody": "YES",
    "inboundMessageId": "in-1",
    "previousPublishedMessageId": "out-1",
}


@pytest.fixture
def sns(simulator: Simulator, settings: Any) -> Simulator:
    settings.MESSAGING = settings.MESSAGING | {
        "SNS_TOPIC_ARNS": simulator.topic_arns,
        "SNS_SIGNING_CERT_FILE": str(simulator.certificate_file),
        "ALLOW_LOCAL_SNS_CERT": True,
    }
    return simulator


def signed(simulator: Simulator, message: object, **overrides: Any) -> tuple[bytes, dict[str, str]]:
    """A notification as SNS would post it, and its headers."""
    simulator.subscribe("http://127.0.0.1:9/")
    simulator.confirm_directly()
    text = message if isinstance(message, str) else json.dumps(message)
    simulator.post_notification(simulator.inbound_topic_arn, text, **overrides)
    made = simulator.notifications[-1]
    return made.body, dict(made.headers)


def post(client: Client, body: bytes, headers: dict[str, str] | None = None) -> Any:
    return client.generic("POST", "/webhooks/sns/", body, content_type="text/plain; charset=UTF-8", headers=headers)


def test_a_signed_text_is_stored_before_200_is_answered(client: Client, sns: Simulator) -> None:
    answer = post(client, *signed(sns, TEXT))
    assert answer.status_code == 200
    text = InboundMessage.objects.get()
    assert (text.inbound_message_id, text.body, text.previous_published_message_id) == ("in-1", "YES", "out-1")
    assert text.outcome == "", "nobody has thought about it yet"


def test_copies_change_nothing(client: Client, sns: Simulator) -> None:
    body, headers = signed(sns, TEXT)
    again = signed(sns, TEXT | {"messageBody": "NO"})
    assert [post(client, body, headers).status_code for _ in range(3)] == [200] * 3
    assert post(client, *again).status_code == 200
    assert InboundMessage.objects.get().body == "YES", "the first under an inboundMessageId stays"


def test_a_delivery_event_is_stored(client: Client, sns: Simulator) -> None:
    event = {"eventType": "TEXT_DELIVERED", "messageId": "out-1", "eventTimestamp": 1_790_000_000_000, "isFinal": True}
    event["context"] = {"a": "\x00"}
    assert post(client, *signed(sns, event)).status_code == 200
    assert DeliveryEvent.objects.get().carrier_message_id == "out-1"


@pytest.mark.parametrize("method", ["get", "put", "delete", "head"])
def test_only_post(client: Client, sns: Simulator, method: str) -> None:
    assert getattr(client, method)("/webhooks/sns/").status_code == 405


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"{" * 10_000, b'{"Type": "Notification"}'])
def test_what_is_no_sns_message_is_refused_for_good(client: Client, sns: Simulator, body: bytes) -> None:
    assert post(client, body).status_code in {400, 403}


def test_a_body_beyond_what_sns_sends_is_413(client: Client, sns: Simulator) -> None:
    assert post(client, b"x" * 262_145).status_code == 413
    assert post(client, b"x" * 262_144).status_code == 400


def test_a_changed_body_is_refused(client: Client, sns: Simulator) -> None:
    body, headers = signed(sns, TEXT)
    assert post(client, body.replace(b"YES", b"NO "), headers).status_code == 403
    assert not InboundMessage.objects.exists()


def test_a_topic_that_is_not_ours_is_refused_though_its_signature_is_genuine(
    client: Client, sns: Simulator, settings: Any
) -> None:
    body, headers = signed(sns, TEXT)
    settings.MESSAGING = settings.MESSAGING | {"SNS_TOPIC_ARNS": ["arn:aws:sns:us-east-1:999999999999:other"]}
    assert post(client, body, headers).status_code == 403


def test_the_local_certificate_counts_for_nothing_in_production(client: Client, sns: Simulator, settings: Any) -> None:
    settings.DEBUG = False
    settings.MESSAGING = settings.MESSAGING | {"ALLOW_LOCAL_SNS_CERT": False}
    assert type(webhooks._certificates()).__name__ == "CertificateStore"


def test_our_own_trouble_is_5xx_so_that_sns_sends_it_again(
    client: Client, sns: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_full(*_: object, **__: object) -> None:
        raise DatabaseError("disk full")

    body, headers = signed(sns, TEXT)
    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(store, "insert_all_once", disk_full)
        assert post(client, body, headers).status_code == 500
    assert post(client, body, headers).status_code == 200
    assert InboundMessage.objects.count() == 1


UNREADABLE = [
    "no json",
    "[]",
    "{}",
    "1",
    '{"inboundMessageId": ""}',
    json.dumps(TEXT | {"inboundMessageId": 5}),
    json.dumps(TEXT | {"originationNumber": None}),
    json.dumps(TEXT | {"originationNumber": "+" + "1" * 30}),
    json.dumps(TEXT | {"messageBody": ["YES"]}),
    json.dumps(TEXT | {"messageBody": "x" * 10_001}),
    json.dumps(TEXT | {"inboundMessageId": "\x00"}),
    "[" * 20_000,
    json.dumps({"eventType": "TEXT_DELIVERED", "messageId": "m"}),
]


@pytest.mark.parametrize("message", UNREADABLE)
def test_a_verified_message_that_cannot_be_read_is_refused_and_not_lost_in_silence(
    client: Client, sns: Simulator, message: str
) -> None:
    assert post(client, *signed(sns, message)).status_code == 400


@pytest.mark.parametrize("body", ["", "\x00", "YES\x00", "🙂" * 500, " "])
def test_a_text_of_any_content_is_stored(client: Client, sns: Simulator, body: str) -> None:
    assert post(client, *signed(sns, TEXT | {"messageBody": body})).status_code == 200
    assert InboundMessage.objects.get().body == body.replace("\x00", "")


@pytest.mark.parametrize("body", ["STOP \ud83d", "\ude42 STOP"])
def test_half_an_emoji_is_stored_as_a_sign_for_it(client: Client, sns: Simulator, body: str) -> None:
    assert post(client, *signed(sns, TEXT | {"messageBody": body})).status_code == 200
    assert InboundMessage.objects.get().body == body.replace("\ud83d", "\ufffd").replace("\ude42", "\ufffd")
