"""The same rooms through other doors: the API, and a subscription that confirms itself."""

import time as real_time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from incidents.models import Incident
from messaging import clock
from messaging.contracts import Draft
from messaging.inbound.sns import subscription
from messaging.models import InboundMessage, OriginationIdentity
from messaging.outbound import outbox
from messaging.simulator import Simulator
from tests.flows.conftest import Handset
from tests.house import House
from tests.messaging.factories import ANN, OUR_NUMBER

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def api() -> APIClient:
    client = APIClient()
    client.force_authenticate(User.objects.create_superuser("monitoring"))
    return client


def test_an_incident_by_api_is_answered_from_a_handset_and_read_by_api(
    api: APIClient, house: House, ann: Handset, bob: Handset
) -> None:
    content = {
        "incident_id": "API-1",
        "description": "The cold store is warm",
        "url": "https://example.com/r",
        "first_contact": ann.number,
        "second_contact": bob.number,
    }
    assert api.post("/api/v1/incidents/", content).status_code == 201
    house.settle()
    ann.says("Yes!")
    incident = api.get("/api/v1/incidents/API-1/").json()
    assert (incident["status"], incident["acknowledged_by"]) == ("acknowledged", ann.number)
    assert incident["first_text_at"] is not None
    assert any("Yes!" in entry["text"] for entry in incident["timeline"])
    messages = api.get("/api/v1/messages/", {"phone_number": ann.number}).json()["results"]
    assert [message["status"] for message in messages] == ["sent", "sent"]
    inbound = api.get("/api/v1/inbound/").json()["results"]
    assert [(text["body"], text["outcome"]) for text in inbound] == [("Yes!", "incidents")]


def test_a_subscription_is_confirmed_through_boto3_and_texts_then_arrive(
    house: House, live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Simulator(auto_delivery=False, retry_seconds=0.2) as fresh:
        settings.MESSAGING = settings.MESSAGING | {
            "SNS_TOPIC_ARNS": fresh.topic_arns,
            "SNS_SIGNING_CERT_FILE": str(fresh.certificate_file),
        }
        for service in ("PINPOINT_SMS_VOICE_V2", "SNS"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", fresh.url)
        monkeypatch.setattr(subscription, "_clients", {})
        fresh.subscribe(f"{live_server.url}/webhooks/sns/")
        fresh.text_in_background(ANN, OUR_NUMBER, "hello")
        ends_at = real_time.monotonic() + 15
        while not (fresh.confirmed and InboundMessage.objects.exists()):
            assert real_time.monotonic() < ends_at
            real_time.sleep(0.05)
    assert InboundMessage.objects.get().body == "hello"


def test_the_second_contact_of_many_incidents_is_thanked_each_time(
    incident: Callable[..., Incident], house: House, ann: Handset, bob: Handset
) -> None:
    for n in range(7):
        incident(f"night-{n}")
        house.forward(2, step=2)
        ann.says(f"no night-{n}")
        house.forward(2, step=2)
        bob.says(f"yes night-{n}")
        house.forward(2, step=2)
    assert len([text for text in bob.texts if "Thank you" in text]) == 7


def test_a_change_of_mps_counts_within_a_second(
    house: House, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    OriginationIdentity.objects.update(mps=1)
    for n in range(12):
        outbox.queue(Draft(f"+142555502{n:02}", "Hello", idempotency_key=f"t{n}"))
    began = clock.now().timestamp()
    sleep = clock.sleep

    def raise_mps_after_two_seconds(seconds: float) -> None:
        sleep(seconds)
        if clock.now().timestamp() - began > 2:
            OriginationIdentity.objects.update(mps=100)

    monkeypatch.setattr(clock, "sleep", raise_mps_after_two_seconds)
    house.settle()
    times = [sent.at - began for sent in simulator.sent]
    assert len(times) == 12
    assert len([at for at in times if at < 2]) <= 3
    assert times[-1] < 4.5
