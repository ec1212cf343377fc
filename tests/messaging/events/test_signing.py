"""The signature: the vector that the specification's own libraries are tested with, and what it must not be."""

import base64

import pytest

from messaging.events import signing

# Published in the specification's repository: libraries/javascript/src/webhook.test.ts, "sign function works"
# (https://github.com/standard-webhooks/standard-webhooks, version 1.0.0); the libraries of other languages have it too.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EVENT_ID, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_vector() -> None:
    assert signing.signature(SECRET, EVENT_ID, TIMESTAMP, BODY) == SIGNATURE


def test_the_prefix_is_no_part_of_the_key() -> None:
    assert signing.signature(SECRET.removeprefix("whsec_"), EVENT_ID, TIMESTAMP, BODY) == SIGNATURE


@pytest.mark.parametrize(
    ("event_id", "timestamp", "body"),
    [
        ("msg_other", TIMESTAMP, BODY),
        (EVENT_ID, TIMESTAMP + 1, BODY),
        (EVENT_ID, TIMESTAMP, BODY + b" "),
    ],
)
def test_id_time_and_body_are_all_signed(event_id: str, timestamp: int, body: bytes) -> None:
    assert signing.signature(SECRET, event_id, timestamp, body) != SIGNATURE


def test_each_valid_secret_signs_the_newest_first() -> None:
    new = signing.new_secret()
    found = signing.headers([new, SECRET], EVENT_ID, TIMESTAMP, BODY)
    assert found["webhook-id"] == EVENT_ID
    assert found["webhook-timestamp"] == str(TIMESTAMP)
    assert found["webhook-signature"].split(" ") == [
        signing.signature(new, EVENT_ID, TIMESTAMP, BODY),
        SIGNATURE,
    ]


def test_secrets_have_the_form_of_the_specification_and_are_never_the_same() -> None:
    made = {signing.new_secret() for _ in range(50)}
    assert len(made) == 50
    for secret in made:
        assert secret.startswith("whsec_")
        assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64
        assert not {"+", "/"} & set(secret)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_not base64!", "whsec_abc"])
def test_what_is_no_secret_signs_nothing(secret: str) -> None:
    with pytest.raises(signing.NoSecret):
        signing.signature(secret, EVENT_ID, TIMESTAMP, BODY)
