"""The webhook under noise: refused, or stored once as it was signed; never an error that SNS would send again."""

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from messaging.inbound import webhooks
from messaging.inbound.sns import subscription
from messaging.inbound.sns.certificate import Certificate, load
from messaging.inbound.sns.verify import Verifier
from messaging.models import DeliveryEvent, InboundMessage
from tests.messaging.inbound.sns.signing import TOPIC_ARN, body, certificate, confirmation, notification, sign
from tests.security.examples import examples
from tests.security.fuzz.writing import ANYTHING, JSON
from tests.security.genuine import WEBHOOK, delivery, payload

pytestmark = pytest.mark.django_db

REFUSED = {400, 403, 413}
GENUINE = delivery()
FIELDS = [*notification(), "SignatureVersion", "Signature", "Subject", "Token", "SubscribeURL", "type", ""]
EVENT = {"eventType": "TEXT_DELIVERED", "messageId": "out-1", "eventTimestamp": 1_790_000_000_000, "isFinal": True}


class Genuine:
    """SNS's certificate, wherever it is looked for."""

    def __init__(self) -> None:
        self._certificate = load(certificate())

    def get(self, url: str) -> Certificate:
        return self._certificate


@pytest.fixture(autouse=True)
def verified(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Verifier([TOPIC_ARN], Genuine())
    monkeypatch.setattr(webhooks, "verifier", lambda: made)
    monkeypatch.setattr(subscription, "client_for", lambda arn: pytest.fail("it would be confirmed"))


def post(content: bytes) -> int:
    return Client().generic("POST", WEBHOOK, content, content_type="text/plain; charset=UTF-8").status_code


def stored() -> int:
    return InboundMessage.objects.count() + DeliveryEvent.objects.count()


@examples(60)
@given(st.binary(max_size=600) | ANYTHING.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_noise(content: bytes) -> None:
    assert post(content) in REFUSED
    assert not stored()


@examples(60)
@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=12), st.booleans())
def test_envelopes_of_anything(fields: dict[str, Any], around: bool) -> None:
    content = json.dumps({**sign(notification(), "2"), **fields} if around else fields).encode()
    status = post(content)
    assert status in REFUSED or (status == 200 and not stored_otherwise())


@examples(150)
@given(st.integers(0, len(GENUINE)), st.integers(0, 30), st.binary(max_size=12))
def test_mutations_of_what_is_genuine(at: int, cut: int, insert: bytes) -> None:
    status = post(GENUINE[:at] + insert + GENUINE[at + cut :])
    assert status in REFUSED or (status == 200 and not stored_otherwise())


def stored_otherwise() -> bool:
    """Whether anything is stored that was not signed so."""
    return (
        DeliveryEvent.objects.exists()
        or InboundMessage.objects.exclude(
            inbound_message_id="in-1", body="YES", origination_phone_number=payload()["originationNumber"]
        )
        .exclude(inbound_message_id="cae173d2-66b9-564c-8309-21f858e9fb84")
        .exists()
    )


@examples(100)
@given(
    JSON | st.dictionaries(st.sampled_from([*payload(), *EVENT, "context"]), JSON),
    st.sampled_from([{}, payload(), EVENT]),
)
def test_genuine_messages_of_anything(content: Any, under: dict[str, Any]) -> None:
    """Whoever may publish to the topic may be wrong: stored or refused, and what is stored can be read again."""
    message = json.dumps({**under, **content} if isinstance(content, dict) else content)
    before = stored()
    status = post(body(sign(notification(Message=message), "2")))
    assert status in {200, 400}
    assert status == 200 or stored() == before
    for event in DeliveryEvent.objects.all():
        assert isinstance(event.payload, dict)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" + "0" * 5000])
def test_numbers_that_no_database_takes(number: str) -> None:
    """Python reads them; SQLite's check took the row for one that was there already, and it was lost with a 200."""
    message = json.dumps(EVENT)[:-1] + f', "totalMessagePrice": {number}}}'
    assert post(body(sign(notification(Message=message), "2"))) == 400
    assert not stored()


def test_events_are_told_apart_by_the_whole_of_their_id() -> None:
    for name in ("a" * 99 + "b", "a" * 99 + "c"):
        assert post(body(sign(notification(Message=json.dumps(EVENT), MessageId=name), "2"))) == 200
    assert stored() == 2
    assert post(body(sign(notification(Message=json.dumps(EVENT), MessageId="a" * 101), "2"))) == 400


@examples(60)
@given(
    st.dictionaries(st.sampled_from(["Token", "SubscribeURL", "Message", "Timestamp", "Type"]), ANYTHING, min_size=1)
)
def test_confirmations_that_were_changed_confirm_nothing(fields: dict[str, str]) -> None:
    genuine = sign(confirmation("UnsubscribeConfirmation"), "2")
    changed = json.dumps(genuine | fields).encode()
    assert post(changed) in REFUSED
