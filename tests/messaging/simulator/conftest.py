"""A running simulator, a webhook that answers as told, and boto3 clients as the application makes them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from messaging.simulator import Simulator

OURS = "+12065550100"
Send = Callable[..., str]
ANN = "+14255550101"
BOB = "+14255550102"


class Webhook:
    """Keeps what was posted; answers with ``answers`` one after the other, then 200."""

    def __init__(self) -> None:
        self.posts: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.answers: list[int] = []
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                webhook.posts.append(({k.lower(): v for k, v in self.headers.items()}, body))
                status = webhook.answers.pop(0) if webhook.answers else 200
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks/sns/"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def envelopes(self, kind: str = "Notification") -> list[dict[str, Any]]:
        return [body for _, body in list(self.posts) if body["Type"] == kind]

    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(envelope["Message"]) for envelope in self.envelopes()]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def eventually(condition: Callable[[], Any], timeout: float = 5.0) -> Any:
    deadline = time.monotonic() + timeout
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
    return found


@cache
def client(service: str, url: str, read_timeout: float = 5.0) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(
            retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=2, read_timeout=read_timeout
        ),
    )


def answer_of(caught: pytest.ExceptionInfo[ClientError]) -> dict[str, Any]:
    """The error answer as boto3 exposes it, members its types do not know included."""
    return dict(caught.value.response)


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    receiver = Webhook()
    yield receiver
    receiver.close()


@pytest.fixture(scope="session")
def one_for_all() -> Iterator[Simulator]:
    with Simulator(auto_delivery=False) as simulator:
        yield simulator


@pytest.fixture
def bare(one_for_all: Simulator) -> Simulator:
    """No webhook, no delivery events: SendTextMessage and Connect alone."""
    one_for_all.reset()
    return one_for_all


@pytest.fixture
def sim(webhook: Webhook) -> Iterator[Simulator]:
    """Subscribed and confirmed; retries follow quickly."""
    simulator = Simulator(
        webhook_url=webhook.url, retry_seconds=0.02, handsets=[("Ann", ANN), ("Bob", BOB)], delivery_delay=0.01
    )
    simulator.confirm_directly()
    with simulator:
        yield simulator


@pytest.fixture
def send(request: pytest.FixtureRequest) -> Send:
    """Send through real boto3; the MessageId."""
    name = "sim" if "sim" in request.fixturenames else "bare"
    sms = client("pinpoint-sms-voice-v2", request.getfixturevalue(name).url)

    def call(destination: str = ANN, body: str = "Hello", **more: Any) -> str:
        parameters = {"OriginationIdentity": OURS, **more}
        answer = sms.send_text_message(DestinationPhoneNumber=destination, MessageBody=body, **parameters)
        return str(answer["MessageId"])

    return call
