"""One id leads through the whole story of an inbound text, and of a web request, in lines of text and of JSON."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from rest_framework.test import APIClient

from config.logs import LINE, Json, Masked
from config.metrics import collecting
from incidents import policies
from incidents.alerts import sources, tokens
from incidents.models import AlertSource, EscalationPolicy, Incident
from incidents.policies import StepDraft
from messaging import counting
from messaging.inbound import routing
from messaging.models import InboundMessage, OutboundMessage
from messaging.simulator import Simulator
from tests.config.test_metrics import read, value
from tests.flows.conftest import WAIT, Handset
from tests.house import House
from tests.incidents.alerts.payloads import payload
from tests.messaging.factories import ANN, BOB

pytestmark = pytest.mark.django_db(transaction=True)


class _Kept:
    """What every logger says, as text and as JSON."""

    def __init__(self) -> None:
        self.text, self.json = io.StringIO(), io.StringIO()
        self.handlers = []
        for stream, formatter in ((self.text, Masked(LINE)), (self.json, Json())):
            handler = logging.StreamHandler(stream)
            handler.setFormatter(formatter)
            self.handlers.append(handler)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.json.getvalue().splitlines()]

    def of(self, trace: str) -> list[str]:
        return [line["message"] for line in self.lines() if line.get("trace") == trace]


@pytest.fixture
def log() -> Iterator[_Kept]:
    kept, root = _Kept(), logging.getLogger()
    level = root.level
    for handler in kept.handlers:
        root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield kept
    for handler in kept.handlers:
        root.removeHandler(handler)
    root.setLevel(level)


def _told(lines: list[str], *beginnings: str) -> None:
    """Each of these is said, in this order."""
    rest = iter(lines)
    for beginning in beginnings:
        assert any(beginning in line for line in rest), (beginning, lines)


def test_an_inbound_text_from_the_webhook_to_its_reply(house: House, ann: Handset, log: _Kept) -> None:
    ann.says("HELP")
    text = InboundMessage.objects.get()
    reply = OutboundMessage.objects.get()
    assert (reply.trace, reply.caused_at) == (text.inbound_message_id, text.stored_at)
    lines = log.of(text.inbound_message_id)
    _told(
        lines,
        f"Inbound text {text.pk} is stored",
        f"Inbound text {text.pk} is routed: keyword",
        f"Text {reply.pk} (nobody's) answers it: queued",
        f"Text {reply.pk} is accepted as {reply.carrier_message_id}",
    )
    # Whoever has no JSON finds the same lines.
    found = [line for line in log.text.getvalue().splitlines() if text.inbound_message_id in line]
    assert len(found) == len(lines)
    # The webhook's line also has the id of the request.
    stored = next(line for line in log.lines() if "is stored" in line["message"])
    assert stored["request"]
    assert stored["request"] != stored["trace"]
    assert all(set(line) >= {"time", "level", "logger", "message", "pid"} for line in log.lines())


def test_what_an_answer_leads_to_has_its_id_too(
    house: House, ann: Handset, bob: Handset, incident: Any, log: _Kept
) -> None:
    incident()
    ann.says("no")
    no = InboundMessage.objects.get()
    theirs = OutboundMessage.objects.filter(trace=no.inbound_message_id)
    assert {ANN, BOB} == set(theirs.values_list("destination_phone_number", flat=True))
    for text in theirs:
        _told(log.of(no.inbound_message_id), f"Text {text.pk} (incidents)", f"Text {text.pk} is accepted")
    # The first text was nobody's answer.
    assert OutboundMessage.objects.filter(trace="").count() == 1


def test_the_delivery_event_speaks_of_it_as_well(house: House, ann: Handset, simulator: Simulator, log: _Kept) -> None:
    ann.says("HELP")
    reply = OutboundMessage.objects.get()
    simulator.event(reply.carrier_message_id or "", "TEXT_DELIVERED")
    house.settle()
    _told(log.of(reply.trace), f"Text {reply.pk} is accepted", f"Text {reply.pk} is delivered")


def test_a_text_that_cannot_be_routed_is_found_by_its_id(
    house: House, ann: Handset, log: _Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any, **options: Any) -> Any:
        raise RuntimeError(f"broken for {ANN}")

    monkeypatch.setattr(routing, "_converse", broken)
    ann.says("hello")
    text = InboundMessage.objects.get()
    found = [line for line in log.lines() if line.get("trace") == text.inbound_message_id and line.get("exception")]
    assert len(found) == 1
    assert "broken for +1***82" in found[0]["exception"]
    assert ANN not in log.json.getvalue() + log.text.getvalue()


def test_texts_that_a_request_brings_about_have_its_id(house: House, settings: Any) -> None:
    client = APIClient()
    client.force_authenticate(User.objects.create(username="monitoring", is_superuser=True))
    content = {"incident_id": "R-1", "description": "Fire", "first_contact": ANN, "second_contact": BOB}
    answer = client.post("/api/v1/incidents/", content, HTTP_X_REQUEST_ID="a-stranger-s-word")
    assert answer.status_code == 201
    assert OutboundMessage.objects.get().trace == answer["X-Request-ID"] != "a-stranger-s-word"
    house.settle()
    # The worker's thread forgets it.
    assert not OutboundMessage.objects.exclude(trace__in=["", answer["X-Request-ID"]]).exists()
    settings.BEHIND_PROXY = True
    browser = Client()
    assert browser.get("/healthz", HTTP_X_REQUEST_ID="proxy-0123456789")["X-Request-ID"] == "proxy-0123456789"
    for strange in ("short", "two words", "x" * 65, "line\nbreak12"):
        assert browser.get("/healthz", HTTP_X_REQUEST_ID=strange)["X-Request-ID"] != strange


def _deliver() -> Any:
    """What Alertmanager sends to a source whose policy asks Ann, and what is answered."""
    days = policies.save(EscalationPolicy(name="Days"), [StepDraft([ANN], 40, 1), StepDraft([BOB], 40, 1)])
    source = sources.save(AlertSource(name="Prometheus", kind="alertmanager", policy=days))
    secret = tokens.make(source, "monitoring", actor="alice")[1]
    content, key = payload("alertmanager_firing"), f"Bearer {secret}"
    return APIClient().post("/api/v1/alert-sources/prometheus/deliver/", content, "json", HTTP_AUTHORIZATION=key)


def test_a_monitoring_system_s_delivery_to_the_texts_it_leads_to(house: House, ann: Handset, log: _Kept) -> None:
    answer = _deliver()
    house.settle()
    text, incident = OutboundMessage.objects.get(), Incident.objects.get()
    assert text.trace == f"alert-delivery-{answer.json()['delivery']}"
    _told(
        log.of(text.trace),
        f"Delivery {answer.json()['delivery']} of Prometheus is stored, alerts: ",
        f"Text {text.pk} (incidents) follows from it: queued",
        f": opened, incident {incident.incident_id}",
        f"Text {text.pk} is accepted as {text.carrier_message_id}",
    )
    # Whoever has only what the web request was answered finds the rest by this line.
    stored = next(line for line in log.lines() if "is stored, alerts" in line["message"])
    assert stored["request"] == answer["X-Request-ID"]


def test_django_s_own_line_on_what_failed_has_the_id_of_the_request(log: _Kept) -> None:
    with patch("incidents.alerts.intake.store", side_effect=OperationalError("away")):
        answer = _deliver()
    assert answer.status_code == 503
    (line,) = (line for line in log.lines() if line["message"].startswith("Service Unavailable: "))
    assert line["trace"] == line["request"] == answer["X-Request-ID"]
    (written,) = (line for line in log.text.getvalue().splitlines() if "Service Unavailable: " in line)
    assert written.endswith(f"[{answer['X-Request-ID']}]")


def test_the_story_is_counted_as_well(house: House, ann: Handset, incident: Any, client: Client) -> None:
    counting.flush()
    collecting.forget()
    before = read(client)

    def more(name: str, **labels: str) -> float:
        return value(found, name, **labels) - before.get((name, frozenset(labels.items())), 0)

    incident()
    ann.says("yes")
    client.post("/webhooks/sns/", b"{}", content_type="text/plain")
    found = read(client)
    assert more("textback_webhook_deliveries_total", result="accepted", reason="text") == 1
    assert more("textback_webhook_deliveries_total", result="refused", reason="Malformed") == 1
    assert more("textback_inbound_routed_total", outcome="incidents") == 1
    assert more("textback_inbound_routing_seconds_count") == 1
    # The alert, and the thanks.
    assert more("textback_calls_total", result="accepted") == 2
    assert more("textback_texts_total", status="queued") == 2
    assert more("textback_texts_total", status="sent") == 2
    assert more("textback_text_handover_seconds_count", priority="alert") == 1
    assert more("textback_reply_seconds_count") == 1
    assert more("textback_reply_seconds_sum") < 60
    assert more("textback_incidents_total", status="opened") == 1
    assert more("textback_incidents_total", status="acknowledged") == 1
    assert more("textback_incident_acknowledgement_seconds_count") == 1
    assert more("textback_job_seconds_count", list="inbound", result="done") >= 1
    assert more("textback_request_seconds_count", view="sns-webhook", method="POST", status="200") == 1


def test_refusals_and_lateness_are_counted(
    house: House, ann: Handset, incident: Any, simulator: Simulator, client: Client
) -> None:
    before = read(client)
    simulator.faults.set("throttle", count=1)
    incident()
    house.forward(WAIT + 5, step=5)
    found = read(client)
    name = "textback_incident_step_lateness_seconds_count"
    assert value(found, name) - value(before, name) == 1
    for name, labels in (
        ("textback_refusals_total", {"source": "call", "code": "ThrottlingException"}),
        ("textback_calls_total", {"result": "retry"}),
    ):
        assert value(found, name, **labels) - before.get((name, frozenset(labels.items())), 0) == 1
