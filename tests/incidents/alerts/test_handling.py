"""From an alert that waits to an incident that is open, and back."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError

from incidents import lifecycle, policies
from incidents.alerts import handling, intake, work
from incidents.alerts.sources import RuleDraft
from incidents.alerts.values import Reading, Signal
from incidents.alerts.work import WaitingAlerts
from incidents.models import Alert, AlertState, EscalationPolicy, Outcome, Trouble
from incidents.policies import StepDraft
from messaging import clock
from messaging.models import OutboundMessage, Status
from tests.incidents.alerts.conftest import Alerts
from tests.incidents.stage import ANNA, BEN, CARA, Stage
from tests.moving import MovableTime


def test_an_alert_opens_an_incident_with_an_id_that_people_can_type(alerts: Alerts, stage: Stage) -> None:
    alert = alerts.fires("pump", url="https://example.com/pump")
    assert (alert.outcome, alert.incident and alert.incident.incident_id) == ("opened", "C1")
    (text,) = stage.texts(ANNA)
    assert "Incident C1: Trouble with pump https://example.com/pump" in text
    incident = stage.incident("C1")
    assert (incident.opened_by, incident.policy) == ("Checks", "Days")
    stage.accept()
    (answer,) = stage.say(ANNA, "yes c1")
    assert answer.startswith("Thank you. Incident C1 is yours")


def test_repeats_text_nobody_again(alerts: Alerts, stage: Stage) -> None:
    alerts.fires("pump")
    for _ in range(3):
        assert alerts.fires("pump").outcome == "repeat"
    assert alerts.incidents() == ["C1"]
    assert len(stage.texts(ANNA)) == 1
    assert Trouble.objects.get().repeats == 3


def test_other_keys_and_other_sources_are_other_troubles(alerts: Alerts) -> None:
    other = alerts.make("Doors")
    assert [alerts.fires("pump").outcome, alerts.fires("gate").outcome] == ["opened", "opened"]
    assert alerts.fires("pump", source=other).outcome == "opened"
    assert alerts.incidents() == ["C1", "C2", "D1"]


def test_an_end_before_anybody_answered_stops_texting_and_tells_who_was_texted(alerts: Alerts, stage: Stage) -> None:
    alerts.fires("pump")
    stage.accept()
    alert = alerts.ends("pump")
    assert (alert.outcome, alert.incident and alert.incident.incident_id) == ("closed", "C1")
    assert stage.status("C1") == "cancelled"
    assert stage.texts(ANNA)[-1] == "Incident C1 was cancelled. You need not do anything."
    stage.accept()
    stage.forward(1000)
    assert len(stage.texts(ANNA)) == 2
    assert stage.texts(BEN) == []
    assert "Checks says that it is over." in [line.text for line in stage.incident("C1").timeline.all()]


def test_an_end_before_the_first_text_left_texts_nobody_at_all(alerts: Alerts, stage: Stage) -> None:
    alerts.fires("pump")
    alerts.ends("pump")
    assert stage.status("C1") == "cancelled"
    assert stage.texts(ANNA) == []
    assert OutboundMessage.objects.get().status == Status.CANCELLED


def test_whoever_has_it_is_told_that_it_is_over_and_nobody_else(alerts: Alerts, stage: Stage) -> None:
    alerts.fires("pump")
    stage.accept()
    stage.say(ANNA, "no")
    stage.accept()
    stage.say(BEN, "yes")
    stage.accept()
    before = len(stage.texts(ANNA))
    alerts.ends("pump")
    assert stage.status("C1") == "resolved"
    assert stage.texts(BEN)[-1] == "Incident C1 is resolved. You need not do anything."
    assert len(stage.texts(ANNA)) == before


def test_of_what_staff_took_on_themselves_nobody_is_texted(alerts: Alerts, stage: Stage) -> None:
    alerts.fires("pump")
    stage.accept()
    lifecycle.acknowledge("C1", actor="alice")
    before = len(stage.texts(ANNA))
    alerts.ends("pump")
    assert stage.status("C1") == "resolved"
    assert len(stage.texts(ANNA)) == before


def test_when_nobody_had_it_everybody_who_was_asked_hears_that_it_is_over(alerts: Alerts, stage: Stage) -> None:
    alerts.fires("pump")
    stage.accept()
    for _ in range(4):
        stage.forward(41)
    assert stage.status("C1") == "unacknowledged"
    alerts.ends("pump")
    assert stage.status("C1") == "resolved"
    for person in (ANNA, BEN):
        assert stage.texts(person)[-1] == "Incident C1 is resolved. You need not do anything."


@pytest.mark.parametrize("ended", ["cancelled", "resolved"])
def test_an_end_after_staff_have_ended_it_changes_nothing(alerts: Alerts, stage: Stage, ended: str) -> None:
    alerts.fires("pump")
    stage.accept()
    _staff_end(ended)
    texts = OutboundMessage.objects.count()
    assert alerts.ends("pump").reason == "Incident C1 had ended before."
    assert stage.status("C1") == ended
    assert OutboundMessage.objects.count() == texts


@pytest.mark.parametrize("ended", ["cancelled", "resolved"])
def test_what_still_fires_after_staff_have_ended_it_is_new(alerts: Alerts, stage: Stage, ended: str) -> None:
    alerts.fires("pump")
    stage.accept()
    _staff_end(ended)
    assert alerts.fires("pump").outcome == "opened"
    assert alerts.incidents() == ["C1", "C2"]
    assert Trouble.objects.filter(closed_at__isnull=True).count() == 1


def _staff_end(status: str) -> None:
    if status == "resolved":
        lifecycle.acknowledge("C1", actor="alice")
        lifecycle.resolve("C1", actor="alice")
    else:
        lifecycle.cancel("C1", actor="alice")


@pytest.mark.parametrize("status", ["acknowledged", "unacknowledged"])
def test_repeats_of_what_somebody_has_or_nobody_took_text_nobody(alerts: Alerts, stage: Stage, status: str) -> None:
    alerts.fires("pump")
    stage.accept()
    if status == "acknowledged":
        stage.say(ANNA, "yes")
    else:
        for _ in range(4):
            stage.forward(41)
    assert stage.status("C1") == status
    texts = OutboundMessage.objects.count()
    assert alerts.fires("pump").outcome == "repeat"
    assert OutboundMessage.objects.count() == texts


def test_firing_after_the_end_is_a_new_incident(alerts: Alerts, stage: Stage) -> None:
    alerts.fires("pump")
    alerts.ends("pump")
    assert alerts.fires("pump").outcome == "opened"
    assert alerts.incidents() == ["C1", "C2"]
    assert stage.status("C2") == "not_acknowledged"


def test_an_end_of_nothing_is_nothing(alerts: Alerts) -> None:
    alert = alerts.ends("pump")
    assert (alert.outcome, alert.reason, alert.incident) == ("nothing", "Nothing was open", None)


def test_firing_and_end_that_wait_together_are_worked_in_their_order(alerts: Alerts, stage: Stage) -> None:
    alerts.comes("pump")
    alerts.comes("pump", "resolved")
    alerts.works()
    assert stage.status("C1") == "cancelled"


def test_rules_decide_in_their_order(alerts: Alerts, stage: Stage) -> None:
    source = alerts.make(
        "Rules",
        rules=[
            RuleDraft("severity=info", None),
            RuleDraft("severity=critical, team!=", alerts.nights),
            RuleDraft("severity=critical", alerts.days),
        ],
    )
    asked = {
        "a": alerts.fires("a", source=source, severity="critical", team="x"),
        "b": alerts.fires("b", source=source, severity="critical"),
        "c": alerts.fires("c", source=source, severity="info"),
        "d": alerts.fires("d", source=source),
    }
    assert [alert.outcome for alert in asked.values()] == ["opened", "opened", "ignored", "opened"]
    assert asked["c"].reason == "Rule 1 (severity=info)"
    assert stage.incident("R1").policy == "Nights"
    assert len(stage.texts(CARA)) == 1


def test_without_a_policy_an_alert_is_recorded_and_nobody_is_asked(alerts: Alerts) -> None:
    source = alerts.make("Quiet", policy=None)
    alert = alerts.fires("a", source=source)
    assert (alert.outcome, alert.trouble) == ("ignored", None)
    assert "no default policy" in alert.reason
    assert alerts.incidents() == []


def test_ids_that_people_have_given_by_hand_are_passed_over(alerts: Alerts, stage: Stage) -> None:
    stage.open("C1")
    stage.open("c2")
    assert alerts.fires("pump").incident == stage.incident("C3")


def test_a_policy_without_people_is_tried_again_until_it_has_some(alerts: Alerts, stage: Stage) -> None:
    empty = EscalationPolicy.objects.create(name="Empty")
    source = alerts.make("Later", policy=empty)
    alert = alerts.fires("a", source=source)
    assert (alert.outcome, alert.attempts) == ("waiting", 1)
    assert "nobody to ask" in alert.reason
    policies.save(empty, [StepDraft([ANNA], 40, 1)])
    assert not WaitingAlerts().is_due(clock.now())
    stage.time.forward(31)
    assert WaitingAlerts().is_due(clock.now())
    alerts.works()
    alert.refresh_from_db()
    assert alert.outcome == "opened"


def test_what_has_ended_meanwhile_is_not_opened_when_it_is_tried_again(alerts: Alerts, stage: Stage) -> None:
    empty = EscalationPolicy.objects.create(name="Empty")
    source = alerts.make("Later", policy=empty)
    first = alerts.fires("a", source=source)
    alerts.ends("a", source=source)
    policies.save(empty, [StepDraft([ANNA], 40, 1)])
    stage.time.forward(31)
    alerts.works()
    first.refresh_from_db()
    assert first.outcome == "late"
    assert alerts.incidents() == []


def test_one_whose_outcome_could_not_be_stored_waits_on(alerts: Alerts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was opened, so it must not say so."""
    save = Alert.save

    def once(alert: Alert, *arguments: Any, **options: Any) -> None:
        if "trouble" in options.get("update_fields", ()):
            raise DataError("too long")
        save(alert, *arguments, **options)

    with monkeypatch.context() as broken:
        broken.setattr(Alert, "save", once)
        alert = alerts.fires("pump")
    assert (alert.outcome, alert.attempts, alerts.incidents()) == ("waiting", 1, [])


def test_in_the_end_it_has_failed_and_the_others_were_never_kept_waiting(alerts: Alerts, stage: Stage) -> None:
    source = alerts.make("Broken", policy=EscalationPolicy.objects.create(name="Empty"))
    alert = alerts.fires("a", source=source)
    assert alerts.fires("pump").outcome == "opened"
    for _ in range(9):
        stage.time.forward(601)
        alerts.works()
    alert.refresh_from_db()
    assert (alert.outcome, alert.attempts) == ("failed", 10)


def test_alarms_of_cloudwatch_that_overtake_each_other(alerts: Alerts) -> None:
    """SNS keeps no order: the news with the later moment stands."""
    ok, alarm = alerts.comes("pump", "resolved"), alerts.comes("pump")
    now = clock.now()
    Alert.objects.filter(pk=ok.pk).update(changed_at=now)
    Alert.objects.filter(pk=alarm.pk).update(changed_at=now - timedelta(seconds=5))
    alerts.works()
    assert [one.outcome for one in Alert.objects.order_by("id")] == ["nothing", "late"]
    assert alerts.incidents() == []


def test_a_noisy_source_keeps_no_other_waiting(
    alerts: Alerts, monkeypatch: pytest.MonkeyPatch, time: MovableTime
) -> None:
    noisy = alerts.make("Noisy")
    intake.store(noisy, Reading([Signal(f"k{n}", AlertState.FIRING, "x") for n in range(230)]), {})
    alerts.comes("pump")
    turns: list[int] = []
    work_some = handling.work_some

    def noted(source: int, now: Any) -> bool:
        turns.append(source)
        done = work_some(source, now)
        time.forward(61)
        return done

    monkeypatch.setattr(handling, "work_some", noted)
    # A run of a slow machine works one source only.
    monkeypatch.setattr(work, "_LONGEST_RUN", timedelta(minutes=1))
    waiting = WaitingAlerts()
    for _ in range(2):
        waiting.run()
    assert turns == [noisy.pk, alerts.source.pk]


def test_a_burst_is_one_job_and_every_alert_has_its_outcome(alerts: Alerts, stage: Stage) -> None:
    for n in range(60):
        alerts.comes(f"k{n % 10}")
    alerts.works()
    assert not WaitingAlerts().is_due(clock.now())
    outcomes = list(Alert.objects.values_list("outcome", flat=True))
    assert (outcomes.count(Outcome.OPENED), outcomes.count(Outcome.REPEAT)) == (10, 50)
