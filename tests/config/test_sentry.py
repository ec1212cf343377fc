"""Errors go to Sentry where SENTRY_DSN is set, scrubbed; else sentry_sdk is not imported."""

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from config import sentry
from messaging import clock, trace
from tests.security.test_deploy import KEY, _python

WORDS = "I fell off the ladder"
NUMBER = "+14255550182"

_FAIL = f"""
import logging, threading
import django
django.setup()
from django.test import Client
from django.urls import path
import config.urls
from messaging import trace
def broken(request, number):
    body = {WORDS!r}
    with trace.caused_by("inbound-7"):
        raise RuntimeError("broken for {NUMBER}")
config.urls.urlpatterns.insert(0, path("broken/<number>/", broken))
browser = Client(raise_request_exception=False, SERVER_NAME="localhost")
browser.post("/broken/{NUMBER}/?q={NUMBER}", {{"body": {WORDS!r}}}, HTTP_COOKIE="sessionid=0123456789",
             HTTP_AUTHORIZATION="Token 0123456789abcdef0123")
logging.getLogger("messaging.test").error("Text for %s is lost", {NUMBER!r}, extra={{"body": {WORDS!r}}})
def die():
    raise ZeroDivisionError("in a thread, for {NUMBER}")
thread = threading.Thread(target=die)
thread.start()
thread.join()
import sentry_sdk
sentry_sdk.flush(20)
"""


class _Receiver(BaseHTTPRequestHandler):
    kept: list[bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.kept.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[bytes]]]:
    kept: list[bytes] = []
    with HTTPServer(("127.0.0.1", 0), type("Receiver", (_Receiver,), {"kept": kept})) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://publickey@127.0.0.1:{server.server_port}/1", kept
        server.shutdown()
        thread.join()


def test_errors_are_sent_without_numbers_words_and_secrets(receiver: tuple[str, list[bytes]]) -> None:
    dsn, kept = receiver
    done = _python("-c", _FAIL, SECRET_KEY=KEY, DATABASE_URL="sqlite:///:memory:", SENTRY_DSN=dsn)
    assert done.returncode == 0, done.stderr
    items = [json.loads(line) for body in kept for line in body.splitlines() if line.startswith(b"{")]
    events = [item for item in items if "exception" in item or "logentry" in item]
    told = json.dumps(events)
    assert "broken for +1***82" in told
    assert "Text for %s is lost" in told
    assert "in a thread, for +1***82" in told
    everything = b"\n".join(kept).decode()
    for secret in (NUMBER, NUMBER.removeprefix("+1"), WORDS, KEY, "0123456789abcdef0123", "sessionid"):
        # The source lines of the test itself are no secret; variables are.
        assert secret not in everything, secret
    request = next(event for event in events if "broken for" in json.dumps(event))
    assert request["tags"]["request"]
    assert set(request["request"]) <= {"method", "url"}
    # What nobody caught is still told on the console, masked.
    assert "ZeroDivisionError: in a thread, for +1***82" in done.stderr


def test_without_a_dsn_it_is_not_even_imported() -> None:
    code = "import django, sys; django.setup(); import config.urls; print('sentry_sdk' in sys.modules)"
    done = _python("-c", code, SECRET_KEY=KEY, DATABASE_URL="sqlite:///:memory:")
    assert done.stdout.strip() == "False", done.stderr


def test_an_event_is_scrubbed_whole() -> None:
    event = {
        "message": f"for {NUMBER}",
        "extra": {"sys.argv": [NUMBER]},
        "user": {"username": "ann"},
        "request": {
            "url": f"https://x/{NUMBER}/",
            "data": {"body": WORDS},
            "headers": {"Cookie": "a"},
            "method": "POST",
        },
        "breadcrumbs": {"values": [{"message": f"to {NUMBER}", "data": (NUMBER, 1, None)}]},
        "logentry": {"params": [NUMBER, clock]},
    }
    with trace.in_request("request-1", clock.now()), trace.caused_by("inbound-1"):
        found = sentry.scrubbed(event, {})
    assert NUMBER not in json.dumps(found)
    assert WORDS not in json.dumps(found)
    assert found["request"] == {"url": "https://x/+1***82/", "method": "POST"}
    assert found["tags"] == {"trace": "inbound-1", "request": "request-1"}
    assert not {"extra", "user"} & found.keys()
    assert sentry._crumb({"category": "query", "message": "INSERT"}, {}) is None
    assert sentry._crumb({"category": "django", "message": "x", "data": {"body": WORDS}}, {}) == {
        "category": "django",
        "message": "x",
    }
