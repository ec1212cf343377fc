"""Confirming by API: what is called, how often, and what each answer means."""

import dataclasses
import http.server
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import botocore.exceptions
import pytest

from messaging.inbound.sns import subscription
from messaging.inbound.sns.envelope import Envelope, parse
from messaging.inbound.sns.errors import ConfirmationRefused, TemporarilyUnverifiable, UnknownTopic
from messaging.inbound.sns.subscription import client_for, confirm
from tests.messaging.inbound.sns.signing import TOKEN, TOPIC_ARN, body, confirmation, notification, sign

SUBSCRIPTION_ARN = f"{TOPIC_ARN}:c9135db0-26c4-47ec-8998-413945fb5a96"


def envelope(**changes: Any) -> Envelope:
    return parse(body(sign(confirmation(**changes))), {})


class Client:
    """Stands in for boto3's client."""

    def __init__(self, answer: object, region: str = "us-east-1") -> None:
        self.meta = SimpleNamespace(region_name=region)
        self.answer = answer
        self.calls: list[dict[str, str]] = []

    def confirm_subscription(self, **parameters: str) -> Any:
        self.calls.append(parameters)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_it_confirms_by_token() -> None:
    client = Client({"SubscriptionArn": SUBSCRIPTION_ARN})
    assert confirm(envelope(), client) == SUBSCRIPTION_ARN
    assert client.calls == [{"TopicArn": TOPIC_ARN, "Token": TOKEN, "AuthenticateOnUnsubscribe": "true"}]


@pytest.mark.parametrize(
    "wrong",
    [
        envelope(kind="UnsubscribeConfirmation"),
        parse(body(sign(notification())), {}),
        dataclasses.replace(envelope(), token=None),
    ],
)
def test_nothing_else_is_ever_confirmed(wrong: Envelope) -> None:
    client = Client({"SubscriptionArn": SUBSCRIPTION_ARN})
    with pytest.raises(ValueError, match="only a SubscriptionConfirmation"):
        confirm(wrong, client)
    assert client.calls == []


def test_the_client_must_be_for_the_region_of_the_topic() -> None:
    client = Client({"SubscriptionArn": SUBSCRIPTION_ARN}, region="eu-west-1")
    with pytest.raises(ValueError, match="client_for"):
        confirm(envelope(), client)
    assert client.calls == []


def refusal(code: str, status: int) -> botocore.exceptions.ClientError:
    return botocore.exceptions.ClientError(
        {"Error": {"Code": code, "Message": "said SNS"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "ConfirmSubscription",
    )


@pytest.mark.parametrize("code", ["InvalidParameter", "InvalidParameterValue", "ValidationError", "NotFound"])
def test_final_answers(code: str) -> None:
    with pytest.raises(ConfirmationRefused, match="said SNS") as refused:
        confirm(envelope(), Client(refusal(code, 400)))
    assert refused.value.status == 400
    assert "two days" in refused.value.hint


@pytest.mark.parametrize(
    "trouble",
    [
        *(
            refusal(code, status)
            for code, status in [
                ("AuthorizationError", 403),
                ("AccessDenied", 403),
                ("InvalidClientTokenId", 403),
                ("ExpiredToken", 403),
                ("SignatureDoesNotMatch", 403),
                ("SubscriptionLimitExceeded", 403),
                ("FilterPolicyLimitExceeded", 403),
                ("Throttling", 400),
                ("InternalError", 500),
                ("503", 503),
                ("NewErrorOf2030", 400),
            ]
        ),
        botocore.exceptions.NoCredentialsError(),
        botocore.exceptions.EndpointConnectionError(endpoint_url="https://sns.us-east-1.amazonaws.com/"),
        botocore.exceptions.ConnectTimeoutError(endpoint_url="https://sns.us-east-1.amazonaws.com/"),
        botocore.exceptions.ReadTimeoutError(endpoint_url="https://sns.us-east-1.amazonaws.com/"),
        botocore.exceptions.SSLError(endpoint_url="https://sns.us-east-1.amazonaws.com/", error=OSError("x")),
    ],
    ids=str,
)
def test_our_own_trouble(trouble: Exception) -> None:
    with pytest.raises(TemporarilyUnverifiable) as raised:
        confirm(envelope(), Client(trouble))
    assert raised.value.status == 503
    assert "sns:ConfirmSubscription" in raised.value.hint


@pytest.mark.parametrize("answer", [{}, {"SubscriptionArn": ""}, {"SubscriptionArn": None}])
def test_an_answer_without_an_arn(answer: dict[str, object]) -> None:
    with pytest.raises(TemporarilyUnverifiable):
        confirm(envelope(), Client(answer))


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscription, "_clients", {})
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "ap-southeast-2")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-southeast-2")


@pytest.mark.usefixtures("fresh")
def test_one_client_per_region() -> None:
    first = client_for(TOPIC_ARN)
    assert client_for(TOPIC_ARN.replace("two-way", "another")) is first
    other = client_for(TOPIC_ARN.replace("us-east-1", "eu-west-1"))
    assert (first.meta.region_name, other.meta.region_name) == ("us-east-1", "eu-west-1")
    config = first.meta.config
    assert (config.connect_timeout, config.read_timeout) == (3, 5)
    assert config.retries["total_max_attempts"] == 1
    with pytest.raises(UnknownTopic):
        client_for("arn:aws:sns:evil.com/:123456789012:x")


class Sns(http.server.BaseHTTPRequestHandler):
    """Speaks SNS's query protocol just enough."""

    answers: list[tuple[int, str]]
    seen: list[dict[str, list[str]]]

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append(parse_qs(content.decode()))
        status, text = self.answers.pop(0)
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def sns(fresh: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Sns]]:
    handler = type("Handler", (Sns,), {"answers": [], "seen": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_SNS", f"http://127.0.0.1:{server.server_port}")
        yield handler
        server.shutdown()


def error(code: str) -> str:
    return f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"


def test_on_the_wire(sns: type[Sns]) -> None:
    sns.answers = [
        (500, error("InternalError")),
        (400, error("Throttling")),
        (404, error("NotFound")),
        (
            200,
            (
                "<ConfirmSubscriptionResponse><ConfirmSubscriptionResult>"
                f"<SubscriptionArn>{SUBSCRIPTION_ARN}</SubscriptionArn>"
                "</ConfirmSubscriptionResult></ConfirmSubscriptionResponse>"
            ),
        ),
    ]
    client = client_for(TOPIC_ARN)
    for expected in (TemporarilyUnverifiable, TemporarilyUnverifiable, ConfirmationRefused):
        with pytest.raises(expected):
            confirm(envelope(), client)
    assert confirm(envelope(), client) == SUBSCRIPTION_ARN
    assert len(sns.seen) == 4  # one attempt each: SNS repeats, we do not
    assert sns.seen[0]["Action"] == ["ConfirmSubscription"]
    assert (sns.seen[0]["Token"], sns.seen[0]["AuthenticateOnUnsubscribe"]) == ([TOKEN], ["true"])
