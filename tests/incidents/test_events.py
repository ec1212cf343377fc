"""What other systems hear of incidents: in the transaction of each change, and as the API shows the incident."""

from typing import Any

import pytest
from django.db import transaction

from incidents import lifecycle
from incidents.api.serializers import IncidentSerializer
from incidents.selectors import with_everything
from messaging.events import endpoints
from messaging.models import WebhookEvent
from tests.incidents.stage import ANNA, BEN, Stage
from tests.messaging.events.looking import happened, latest

pytestmark = pytest.mark.usefixtures("everything_wanted")

KINDS = ("opened", "escalated", "acknowledged", "unacknowledged", "cancelled", "resolved")


@pytest.fixture
def everything_wanted(db: None) -> None:
    names = [f"incident.{kind}" for kind in KINDS]
    endpoints.create(name="Dispatch", url="https://example.com/", event_types=names, by="boss")


def test_opened_then_taken_by_text_then_resolved(stage: Stage) -> None:
    stage.open()
    assert happened() == ["incident.opened"]
    stage.accept()
    stage.say(ANNA, "yes")
    lifecycle.resolve("123", actor="alice")
    assert happened() == ["incident.opened", "incident.acknowledged", "incident.resolved"]
    assert WebhookEvent.objects.filter(subject="123").count() == 3


def test_the_data_is_the_resource_as_it_is_after_the_change(stage: Stage) -> None:
    stage.open()
    lifecycle.acknowledge("123", contact=ANNA, actor="alice")
    told = latest()["data"]
    assert told == dict(IncidentSerializer(with_everything().get(incident_id="123")).data) | {
        "contacts": told["contacts"],
        "timeline": told["timeline"],
    }
    assert told["status"] == "acknowledged"
    assert told["acknowledged_by"] == ANNA
    assert [line["kind"] for line in told["timeline"]][-1] == "acknowledged"
    assert told["contacts"][0]["state"] == "acknowledged"


def test_by_the_clock_to_the_next_and_to_the_end(stage: Stage) -> None:
    stage.open()
    stage.accept()
    for _ in range(4):
        stage.forward(41)
    assert happened() == ["incident.opened", "incident.escalated", "incident.unacknowledged"]


def test_a_no_and_a_late_yes(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.say(ANNA, "no")
    stage.accept()
    stage.say(BEN, "no")
    stage.say(BEN, "yes")
    expected = ["opened", "escalated", "unacknowledged", "acknowledged"]
    assert happened() == [f"incident.{kind}" for kind in expected]
    assert latest()["data"]["late"] is True


def test_cancelled_by_staff(stage: Stage) -> None:
    stage.open()
    lifecycle.cancel("123", actor="alice")
    assert happened()[-1] == "incident.cancelled"


def test_what_changes_no_status_is_no_event(stage: Stage) -> None:
    stage.open()
    stage.accept()
    lifecycle.add_note("123", actor="alice", note="On my way")
    stage.open()
    stage.forward(41)
    assert happened() == ["incident.opened"], "a reminder, a note and a repeated request are none"


def test_a_refused_action_is_no_event(stage: Stage) -> None:
    stage.open()
    with pytest.raises(lifecycle.NotAllowed):
        lifecycle.resolve("123", actor="alice")
    assert happened() == ["incident.opened"]


def test_what_is_taken_back_was_never_told_of(stage: Stage) -> None:
    with transaction.atomic():
        stage.open()
        lifecycle.acknowledge("123", contact=ANNA, actor="alice")
        assert len(happened()) == 2
        transaction.set_rollback(True)
    assert happened() == []


def test_a_change_and_its_event_share_a_fate(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the event cannot be written, nothing has changed either."""
    stage.open()

    def broken(*arguments: Any) -> Any:
        raise RuntimeError("no event")

    monkeypatch.setattr("messaging.events.publishing._deliver", broken)
    with pytest.raises(RuntimeError, match="no event"):
        lifecycle.cancel("123", actor="alice")
    assert stage.status() == "not_acknowledged"
