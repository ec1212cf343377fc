"""The simulator's own HTTP API and page."""

import http.client
import json
from typing import Any

import pytest

from messaging.simulator import Simulator
from tests.messaging.simulator.conftest import ANN, OURS, Send, Webhook, eventually

API = "/simulator/api"


def ask(sim: Simulator, method: str, path: str, data: Any = None, kind: str = "application/json") -> tuple[int, Any]:
    connection = http.client.HTTPConnection(sim.url.removeprefix("http://"), timeout=5)
    body = None if data is None else json.dumps(data)
    connection.request(method, path, body, {"Content-Type": kind} if body else {})
    response = connection.getresponse()
    raw = response.read()
    connection.close()
    is_json = response.headers["Content-Type"] == "application/json" and raw
    return response.status, json.loads(raw) if is_json else raw.decode()


def test_it_is_healthy(bare: Simulator) -> None:
    assert ask(bare, "GET", "/healthz") == (200, {"status": "ok"})


def test_the_page_and_its_files_are_served_and_nothing_else(bare: Simulator) -> None:
    assert ask(bare, "GET", "/")[0] == 302
    status, page = ask(bare, "GET", "/simulator/")
    assert status == 200
    assert "<script" in page
    for name in ("main.js", "phones.js", "page.css", "phones.css", "icon.svg"):
        assert ask(bare, "GET", f"/simulator/{name}")[0] == 200
    assert ask(bare, "GET", "/simulator/../server.py")[0] == 404
    assert ask(bare, "GET", "/simulator/%2e%2e/server.py")[0] == 404


def test_a_handset_is_added_and_finds_the_texts_it_got_before(bare: Simulator, send: Send) -> None:
    send(ANN, "before")
    assert ask(bare, "GET", f"{API}/state")[1]["strangers"] == [ANN]
    answer = ask(bare, "POST", f"{API}/handsets", {"name": "Ann", "number": "+1 (425) 555-0101"})
    assert answer == (201, {"name": "Ann", "number": ANN, "state": "on"})
    state = ask(bare, "GET", f"{API}/state")[1]
    assert [bubble["body"] for bubble in state["conversations"][ANN]] == ["before"]
    assert state["strangers"] == []


def test_a_handset_texts_and_is_switched_off(sim: Simulator, webhook: Webhook) -> None:
    status, answer = ask(sim, "POST", f"{API}/texts", {"from": ANN, "to": OURS, "body": "YES"})
    assert status == 202
    eventually(lambda: [m["inboundMessageId"] for m in webhook.messages()] == [answer["inboundMessageId"]])
    assert ask(sim, "POST", f"{API}/handsets/%2B14255550101", {"state": "off"})[0] == 200
    assert ask(sim, "GET", f"{API}/state")[1]["handsets"][0]["state"] == "off"
    assert ask(sim, "DELETE", f"{API}/log")[0] == 200
    assert ask(sim, "GET", f"{API}/state")[1]["conversations"][ANN] == []


def test_faults_are_set_and_cleared(bare: Simulator) -> None:
    status, answer = ask(bare, "PUT", f"{API}/faults", {"kind": "throttle", "count": 3, "destination": None})
    assert status == 200
    assert [(fault["kind"], fault["count"]) for fault in answer["active"]] == [("throttle", 3)]
    ask(bare, "PUT", f"{API}/faults", {"kind": "delay", "seconds": 1})
    assert len(ask(bare, "DELETE", f"{API}/faults?kind=delay")[1]["active"]) == 1
    assert ask(bare, "DELETE", f"{API}/faults")[1]["active"] == []


@pytest.mark.parametrize(
    ("method", "path", "data", "status", "says"),
    [
        ("POST", "/handsets", {"name": "", "number": ANN}, 400, "name: give one"),
        ("POST", "/handsets", {"name": "Ann", "number": "555"}, 400, "number: give it in E.164"),
        ("POST", "/handsets", ["x"], 400, "Send a JSON object"),
        ("POST", "/handsets/+14255550199", {"state": "off"}, 404, "add it with POST"),
        ("POST", "/texts", {"from": ANN, "to": "ACME", "body": "x"}, 400, "a sender ID cannot be answered"),
        ("POST", "/texts", {"from": ANN, "to": OURS, "body": " "}, 400, "body: give a text"),
        ("POST", "/texts", {"from": ANN, "to": OURS, "text": "x"}, 400, "text: no such field"),
        ("PUT", "/faults", {"kind": "gremlins"}, 400, "choose one of throttle"),
        ("PUT", "/faults", {"kind": "throttle", "count": "3"}, 400, "count: must be of type int"),
        ("PUT", "/state", {}, 405, "use GET"),
        ("GET", "/nothing", None, 404, "there are"),
    ],
)
def test_a_wrong_request_is_told_what_to_do(
    bare: Simulator, method: str, path: str, data: Any, status: int, says: str
) -> None:
    answered, body = ask(bare, method, API + path, data)
    assert answered == status
    assert says in body["error"]


def test_a_form_from_a_foreign_page_is_refused(bare: Simulator) -> None:
    data = {"from": ANN, "to": OURS, "body": "x"}
    assert ask(bare, "POST", f"{API}/texts", data, kind="text/plain")[0] == 415


def test_open_pages_hear_of_each_text(sim: Simulator, send: Send) -> None:
    connection = http.client.HTTPConnection(sim.url.removeprefix("http://"), timeout=5)
    connection.request("GET", f"{API}/events")
    response = connection.getresponse()
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.readline() == b"retry: 1000\n"
    send(ANN, "<b>Hello</b>")
    while response.readline() != b"event: text\n":
        pass
    assert json.loads(response.readline().removeprefix(b"data: "))["body"] == "<b>Hello</b>"
    connection.close()
