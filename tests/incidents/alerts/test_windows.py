"""Maintenance windows: nobody is texted meanwhile; what still fires at the end is texted then."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from incidents.alerts import windows
from incidents.alerts.work import WaitingAlerts
from incidents.models import Alert, MaintenanceWindow, Trouble
from messaging import clock
from tests.incidents.alerts.conftest import Alerts
from tests.incidents.stage import ANNA, Stage

HOUR = timedelta(hours=1)


def window(minutes: int = 60, begins_in: int = -1, **given: Any) -> MaintenanceWindow:
    now = clock.now()
    fields = {"source": None, "matchers": "", "reason": "New disks", "actor": "alice"} | given
    return windows.make(
        begins_at=now + timedelta(minutes=begins_in), ends_at=now + timedelta(minutes=minutes), **fields
    )


def test_alerts_are_recorded_and_nobody_is_texted(alerts: Alerts, stage: Stage) -> None:
    window()
    alert = alerts.fires("pump")
    assert (alert.outcome, alert.reason, alert.incident) == ("silenced", "Window: New disks", None)
    assert alerts.fires("pump").outcome == "repeat"
    assert stage.texts(ANNA) == []


def test_what_still_fires_at_the_end_opens_its_incident_then(alerts: Alerts, stage: Stage) -> None:
    window()
    alert = alerts.fires("pump")
    stage.time.forward(3500)
    assert not WaitingAlerts().is_due(clock.now())
    stage.time.forward(200)
    assert WaitingAlerts().is_due(clock.now())
    alerts.works()
    assert alerts.incidents() == ["C1"]
    alert.refresh_from_db()
    assert alert.incident == stage.incident("C1")
    alerts.ends("pump")
    assert stage.status("C1") == "cancelled"


def test_what_ended_in_the_window_never_texts_anybody(alerts: Alerts, stage: Stage) -> None:
    window()
    alerts.fires("pump")
    assert alerts.ends("pump").outcome == "closed"
    stage.time.forward(3700)
    alerts.works()
    assert alerts.incidents() == []


def test_ending_it_early_is_its_end(alerts: Alerts, stage: Stage) -> None:
    made = window()
    alerts.fires("pump")
    ended = windows.end(made, actor="bob")
    assert ended.ended_by == "bob"
    alerts.works()
    assert alerts.incidents() == ["C1"]
    with pytest.raises(windows.Over):
        windows.end(made, actor="bob")


def test_one_that_is_ended_before_it_begins_never_is(alerts: Alerts, stage: Stage) -> None:
    windows.end(window(minutes=120, begins_in=60), actor="bob")
    stage.time.forward(90 * 60)
    assert alerts.fires("pump").outcome == "opened"


def test_a_repeat_just_after_the_end_does_not_open_a_second_one(alerts: Alerts, stage: Stage) -> None:
    window()
    alerts.fires("pump")
    stage.time.forward(3700)
    alerts.comes("pump")
    alerts.works()
    assert alerts.incidents() == ["C1"]
    assert Trouble.objects.filter(closed_at__isnull=True).count() == 1


def test_another_window_holds_it_on(alerts: Alerts, stage: Stage) -> None:
    window()
    alerts.fires("pump")
    later = window(minutes=180)
    stage.time.forward(3700)
    alerts.works()
    assert alerts.incidents() == []
    assert Trouble.objects.get().window == later


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({"matchers": "key=pu*"}, "silenced"),
        ({"matchers": "key=gate"}, "opened"),
        ({"begins_in": 5}, "opened"),
    ],
)
def test_which_alerts_it_covers(alerts: Alerts, given: dict[str, Any], outcome: str) -> None:
    window(**given)
    assert alerts.fires("pump").outcome == outcome


def test_a_window_of_one_source_is_for_that_one(alerts: Alerts) -> None:
    window(source=alerts.make("Doors"))
    assert alerts.fires("pump").outcome == "opened"
    window(source=alerts.source)
    assert alerts.fires("gate").outcome == "silenced"


def test_incidents_that_are_open_already_go_on(alerts: Alerts, stage: Stage) -> None:
    alerts.fires("pump")
    window()
    assert alerts.fires("pump").outcome == "repeat"
    assert stage.status("C1") == "not_acknowledged"


def test_many_that_still_fire_at_the_end_are_held_to_the_limit(alerts: Alerts, stage: Stage) -> None:
    source = alerts.make("Storms", limit=2)
    window()
    for n in range(40):
        alerts.comes(f"k{n}", source=source)
    alerts.works()
    stage.time.forward(3700)
    alerts.works()
    assert alerts.incidents() == ["S1", "S2", "S3"]
    assert "38 more alerts" in stage.incident("S3").description
    assert Alert.objects.filter(incident__incident_id="S3").count() == 38


@pytest.mark.parametrize(
    ("begins", "ends", "words"),
    [
        (HOUR, HOUR, "before it begins"),
        (-2 * HOUR, -HOUR, "over already"),
        (HOUR, timedelta(days=91) + HOUR, "At most 90 days"),
    ],
)
def test_times_that_no_window_has(stage: Stage, begins: timedelta, ends: timedelta, words: str) -> None:
    now = clock.now()
    with pytest.raises(ValidationError, match=words):
        windows.make(source=None, matchers="", begins_at=now + begins, ends_at=now + ends, reason="x", actor="alice")


@pytest.mark.parametrize(("field", "given"), [("matchers", {"matchers": "severity"}), ("reason", {"reason": ""})])
def test_what_no_window_has(stage: Stage, field: str, given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refusal:
        window(**given)
    assert field in refusal.value.message_dict
