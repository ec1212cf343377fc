"""A monitoring system reports, a handset rings, and falls silent when the trouble ends."""

import json
from typing import Any

import pytest
from django.test import Client

from incidents import policies
from incidents.alerts import intake, sources, tokens
from incidents.models import Alert, AlertSource, EscalationPolicy, Incident
from incidents.policies import StepDraft
from messaging.simulator import Simulator
from tests.flows.conftest import WAIT, Handset
from tests.house import House
from tests.incidents.alerts.payloads import payload, resolved

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def policy(ann: Handset, bob: Handset) -> EscalationPolicy:
    return policies.save(
        EscalationPolicy(name="On call"), [StepDraft([ann.number], WAIT, 1), StepDraft([bob.number], WAIT, 1)]
    )


@pytest.fixture
def deliver(house: House, policy: EscalationPolicy) -> Any:
    source = sources.save(AlertSource(name="Prometheus", kind="alertmanager", grouping="group", policy=policy))
    secret = tokens.make(source, "alertmanager", actor="alice")[1]

    def send(content: dict[str, Any]) -> None:
        answer = Client().post(
            "/api/v1/alert-sources/prometheus/deliver/",
            json.dumps(content),
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )
        assert answer.status_code == 202, answer.content
        house.settle()

    return send


def test_it_fires_is_taken_by_text_repeats_in_silence_and_ends(
    deliver: Any, house: House, ann: Handset, bob: Handset
) -> None:
    deliver(payload("alertmanager_firing"))
    assert "Incident P1: ColdStoreWarm: Above 8 degrees for 5 minutes. (and 1 more)" in ann.last
    deliver(payload("alertmanager_firing"))
    assert len(ann.texts) == 1
    ann.says("yes P1")
    assert "Incident P1 is yours" in ann.last
    deliver(payload("alertmanager_firing"))
    assert len(ann.texts) == 2
    deliver(resolved("alertmanager_firing"))
    assert ann.last == "Incident P1 is resolved. You need not do anything."
    assert Incident.objects.get().status == "resolved"
    assert bob.texts == []


def test_it_ends_before_anybody_answers_and_the_handset_falls_silent(
    deliver: Any, house: House, ann: Handset, bob: Handset
) -> None:
    deliver(payload("alertmanager_firing"))
    deliver(resolved("alertmanager_firing"))
    assert ann.last == "Incident P1 was cancelled. You need not do anything."
    house.forward(6 * WAIT, step=WAIT)
    assert (len(ann.texts), bob.texts) == (2, [])
    deliver(payload("alertmanager_firing"))
    assert "Incident P2" in ann.last


def test_an_alarm_of_cloudwatch_comes_through_sns_and_rings(
    house: House, simulator: Simulator, policy: EscalationPolicy, ann: Handset, settings: Any
) -> None:
    events = simulator.topic_arns[1]
    settings.MESSAGING = settings.MESSAGING | {
        "SNS_TOPIC_ARNS": [simulator.inbound_topic_arn],
        "TOPIC_READERS": {events: "incidents.alerts.topic.Alarms"},
    }
    sources.save(AlertSource(name="AWS", kind="cloudwatch", topic_arn=events, policy=policy))
    alarm = payload("cloudwatch_alarm")
    assert simulator.post_notification(events, json.dumps(alarm)) == [200]
    house.settle()
    assert "Incident A1: queue-too-long: More than 100 orders wait" in ann.last
    ok = alarm | {"NewStateValue": "OK", "StateChangeTime": "2026-07-01T09:15:41.337+0000"}
    assert simulator.post_notification(events, json.dumps(ok)) == [200]
    house.settle()
    assert ann.last == "Incident A1 was cancelled. You need not do anything."


def test_redis_was_away_and_the_sweep_finds_the_alert(
    house: House, policy: EscalationPolicy, ann: Handset, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = sources.save(
        AlertSource(name="Own", kind="generic", key_path="check.id", description_path="check.name", policy=policy)
    )
    with monkeypatch.context() as away:
        away.setattr("messaging.wakeups.wake", lambda name: None)
        intake.take(source, payload("generic_down"))
    house.settle()
    assert ann.texts == []
    house.sweep()
    assert "Incident O1: Orders" in ann.last
    assert Alert.objects.get().outcome == "opened"
