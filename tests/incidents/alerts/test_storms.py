"""More alerts than a source may open incidents for: one incident says how many, and none is lost."""

from datetime import timedelta
from typing import Any

import pytest

from incidents import lifecycle
from incidents.alerts import storms
from incidents.alerts.handling import sources_with_work
from incidents.alerts.work import WaitingAlerts
from incidents.models import Alert, AlertSource, EscalationPolicy, Hold, Incident, Outcome, Trouble
from messaging import clock
from tests.incidents.alerts.conftest import Alerts
from tests.incidents.stage import ANNA, Stage


@pytest.fixture
def source(alerts: Alerts) -> AlertSource:
    return alerts.make("Storms", limit=2, limit_minutes=10)


def storm(alerts: Alerts, source: AlertSource, count: int, begin: int = 0) -> None:
    for n in range(begin, begin + count):
        alerts.comes(f"k{n}", source=source)
    alerts.works()


def test_one_incident_says_how_many_more_there_are(alerts: Alerts, stage: Stage, source: AlertSource) -> None:
    storm(alerts, source, 62)
    assert alerts.incidents() == ["S1", "S2", "S3"]
    assert stage.incident("S3").description.startswith("Storms: 60 more alerts than the 2 in 10 min")
    assert len(stage.texts(ANNA)) == 3
    outcomes = list(Alert.objects.values_list("outcome", flat=True))
    assert (outcomes.count(Outcome.OPENED), outcomes.count(Outcome.OVER_LIMIT)) == (2, 60)
    assert Trouble.objects.filter(storm__incident__incident_id="S3").count() == 60
    assert not WaitingAlerts().is_due(clock.now())


def test_those_that_come_later_stand_on_its_timeline_and_text_nobody(
    alerts: Alerts, stage: Stage, source: AlertSource
) -> None:
    storm(alerts, source, 5)
    storm(alerts, source, 4, begin=5)
    assert alerts.incidents() == ["S1", "S2", "S3"]
    assert "7 alerts are over the limit by now." in [line.text for line in stage.incident("S3").timeline.all()]
    assert Trouble.objects.get(is_storm=True).told == 7


def test_repeats_during_a_storm_are_repeats(alerts: Alerts, source: AlertSource) -> None:
    storm(alerts, source, 4)
    assert alerts.fires("k0", source=source).outcome == "repeat"
    assert alerts.fires("k3", source=source).outcome == "repeat"


def test_it_ends_with_the_last_that_it_speaks_for(alerts: Alerts, stage: Stage, source: AlertSource) -> None:
    storm(alerts, source, 4)
    stage.accept()
    assert alerts.ends("k3", source=source).outcome == "closed"
    assert stage.status("S3") == "not_acknowledged"
    alerts.ends("k2", source=source)
    assert stage.status("S3") == "cancelled"
    assert not Trouble.objects.filter(is_storm=True, closed_at__isnull=True).exists()
    assert stage.status("S1") == "not_acknowledged"


def test_after_its_time_new_ones_are_texted_one_by_one_again(alerts: Alerts, stage: Stage, source: AlertSource) -> None:
    storm(alerts, source, 3)
    stage.time.forward(601)
    assert alerts.fires("late", source=source).outcome == "opened"


def test_what_fires_after_staff_have_ended_the_storm_is_texted_by_itself(
    alerts: Alerts, stage: Stage, source: AlertSource
) -> None:
    storm(alerts, source, 3)
    lifecycle.cancel("S3", actor="alice")
    stage.time.forward(601)
    assert alerts.fires("k2", source=source).outcome == "opened"


def test_a_second_storm_has_an_incident_of_its_own(alerts: Alerts, stage: Stage, source: AlertSource) -> None:
    storm(alerts, source, 3)
    lifecycle.cancel("S3", actor="alice")
    storm(alerts, source, 2, begin=10)
    assert alerts.incidents()[-1] == "S4"
    assert "2 more alerts" in stage.incident("S4").description


def test_another_source_is_not_kept_back(alerts: Alerts, source: AlertSource) -> None:
    storm(alerts, source, 5)
    assert alerts.fires("pump").outcome == "opened"


def test_the_incident_of_a_storm_does_not_count_against_the_limit(
    alerts: Alerts, stage: Stage, source: AlertSource
) -> None:
    storm(alerts, source, 3)
    # The two that were texted are long ago, the storm's incident is not.
    ago = clock.now() - timedelta(minutes=11)
    Trouble.objects.filter(is_storm=False, incident__isnull=False).update(incident_at=ago)
    assert [alerts.fires(f"new{n}", source=source).outcome for n in range(2)] == ["opened", "opened"]


def test_a_storm_that_nobody_can_be_told_of_keeps_no_other_waiting(alerts: Alerts, source: AlertSource) -> None:
    storm(alerts, source, 2)
    alerts.comes("k9", source=source)
    empty = EscalationPolicy.objects.create(name="Empty")
    AlertSource.objects.filter(pk=source.pk).update(policy=empty)
    alerts.comes("pump")
    alerts.works()
    assert Incident.objects.filter(incident_id="C1").exists()
    assert WaitingAlerts().is_due(clock.now())
    AlertSource.objects.filter(pk=source.pk).update(policy=alerts.days)
    alerts.works()
    assert alerts.incidents()[-1].startswith("S")
    assert not WaitingAlerts().is_due(clock.now())


def test_hundreds_that_nobody_can_be_told_of_hide_no_other_source(alerts: Alerts, source: AlertSource) -> None:
    def over(whose: AlertSource, count: int) -> None:
        now = clock.now()
        common = {"source": whose, "hold": Hold.STORM, "description": "x", "opened_at": now, "last_at": now}
        Trouble.objects.bulk_create([Trouble(key=f"k{n}", digest=f"{n:064}", **common) for n in range(count)])

    other = alerts.make("Other")
    over(other, 1)
    over(source, 201)
    AlertSource.objects.filter(pk=source.pk).update(policy=None)
    assert set(sources_with_work(clock.now())) == {source.pk, other.pk}
    alerts.works()
    assert Trouble.objects.filter(source=other, is_storm=True).exists()


def test_a_storm_that_fails_in_whatever_way_keeps_no_other_waiting(
    alerts: Alerts, source: AlertSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = alerts.make("Other", limit=1)
    for whose in (source, other):
        for n in range(4):
            alerts.comes(f"k{n}", source=whose)
    tell = storms.tell

    def broken(whose: AlertSource, *arguments: Any) -> bool:
        if whose == source:
            raise RuntimeError("50 ids in a row are taken")
        return tell(whose, *arguments)

    monkeypatch.setattr(storms, "tell", broken)
    alerts.works()
    assert Trouble.objects.get(is_storm=True).source == other
