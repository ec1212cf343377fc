"""The receiver of docs/webhooks.md, as it stands there: takes what we send, and refuses what somebody else does."""

import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from messaging.events import endpoints, publish, signing
from messaging.events.delivering import Deliverer
from messaging.models import WebhookDelivery

pytestmark = pytest.mark.django_db(transaction=True)

DOCS = Path(__file__).resolve().parents[3] / "docs" / "webhooks.md"


@pytest.fixture
def example() -> dict[str, Any]:
    blocks = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    found: dict[str, Any] = {"__name__": "example"}
    exec(compile(blocks[0], str(DOCS), "exec"), found)
    # What it logs is not for a test's output.
    found["Receiver"].log_message = lambda *arguments: None
    return found


@pytest.fixture
def server(example: dict[str, Any], allowed: Callable[..., None]) -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), example["Receiver"]) as one:
        allowed(one.server_port)
        thread = threading.Thread(target=one.serve_forever, daemon=True)
        thread.start()
        yield one
        one.shutdown()
        thread.join(5)


def test_it_takes_what_we_send_also_during_a_rotation(example: dict[str, Any], server: ThreadingHTTPServer) -> None:
    url = f"http://127.0.0.1:{server.server_port}/hooks"
    made = endpoints.create(name="Dispatch", url=url, event_types=["incident.opened"], by="boss")
    example["SECRET"] = made.secret
    publish("incident.opened", subject="123", data={"name": "Zoë"})
    Deliverer().run()
    new = endpoints.rotate(made.endpoint).secret
    for secret in (made.secret, new):
        example["SECRET"] = secret
        publish("incident.opened", subject="124", data={})
        Deliverer().run()
    assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {"delivered"}
    assert len(example["SEEN"]) == 3


@pytest.mark.parametrize("wrong", ["secret", "body", "id", "time", "old", "nothing", "no signature"])
def test_it_refuses_what_we_did_not_send(example: dict[str, Any], server: ThreadingHTTPServer, wrong: str) -> None:
    secret = signing.new_secret()
    example["SECRET"] = signing.new_secret() if wrong == "secret" else secret
    body, now = b'{"id":"evt_1","type":"incident.opened","data":{}}', int(time.time())
    headers = signing.headers([secret], "evt_1", now - 3600 if wrong == "old" else now, body)
    if wrong == "id":
        headers["webhook-id"] = "evt_2"
    if wrong == "time":
        headers["webhook-timestamp"] = str(now + 1)
    if wrong == "no signature":
        headers["webhook-signature"] = ""
    sent = body + b" " if wrong == "body" else body
    request = urllib.request.Request(f"http://127.0.0.1:{server.server_port}/", data=sent, headers=headers)
    if wrong == "nothing":
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 204
        return
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    refused.value.close()
    assert refused.value.code == 400
    assert example["SEEN"] == set()
