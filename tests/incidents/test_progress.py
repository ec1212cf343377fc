"""The clock, and news of our own texts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from pytest_django import DjangoAssertNumQueries

from incidents import lifecycle
from incidents.lifecycle import change, progress
from incidents.models import TimelineEntry
from incidents.selectors import figures
from incidents.work import DueIncidents
from messaging import clock
from messaging.models import OriginationIdentity, OutboundMessage, Status
from messaging.outbound import outcomes
from messaging.outbound.outbox.moves import move
from tests.incidents.stage import ANNA, BEN, WAIT, Stage


def test_a_text_of_unknown_fate_starts_no_clock(stage: Stage) -> None:
    stage.open()
    row = OutboundMessage.objects.all()
    move(row, [Status.QUEUED], Status.SENDING, clock.now(), attempts=1)
    move(row, [Status.SENDING], Status.UNKNOWN, clock.now())
    outcomes.tell()
    assert stage.incident().next_step_at is None
    assert "unknown" in stage.kinds()
    move(row, [Status.UNKNOWN], Status.SENT, clock.now(), carrier_message_id="late")
    outcomes.tell()
    assert stage.incident().next_step_at is not None


def test_the_same_news_twice_is_one_line(stage: Stage) -> None:
    stage.open()
    stage.accept()
    before = stage.incident().next_step_at
    lifecycle.text_settled(stage.last(ANNA))
    assert stage.kinds().count("sent") == 1
    assert stage.incident().next_step_at == before


def test_delivery_before_the_news_of_acceptance_counts_from_acceptance(stage: Stage) -> None:
    stage.open()
    row = OutboundMessage.objects.all()
    sent_at = clock.now()
    move(row, [Status.QUEUED], Status.SENT, sent_at, carrier_message_id="c")
    stage.time.forward(5)
    move(row, [Status.SENT], Status.DELIVERED, clock.now())
    outcomes.tell()
    assert stage.incident().next_step_at == sent_at + timedelta(seconds=WAIT)
    assert [kind for kind in stage.kinds() if kind in ("sent", "delivered")] == ["sent", "delivered"]


def test_a_first_text_lost_while_the_reminder_is_under_way_waits_for_the_reminder(stage: Stage) -> None:
    stage.open()
    stage.accept()
    first = stage.last(ANNA)
    stage.time.forward(WAIT)
    stage.due()
    move(OutboundMessage.objects.filter(pk=first.pk), [Status.SENT], Status.FAILED, clock.now())
    outcomes.tell()
    assert stage.texts(BEN) == []
    stage.refuse(ANNA)
    assert len(stage.texts(BEN)) == 1


@pytest.mark.parametrize("status", [Status.SUPPRESSED, Status.EXPIRED, Status.CANCELLED])
def test_a_text_that_will_never_leave_moves_on_at_once(stage: Stage, status: Status) -> None:
    stage.open()
    move(OutboundMessage.objects.all(), [Status.QUEUED], status, clock.now(), error_reason="opted out")
    outcomes.tell()
    assert len(stage.texts(BEN)) == 1
    assert stage.incident().timeline.get(kind="unreachable").text == "opted out"


def test_when_no_number_is_left_to_send_from_it_ends_for_review_and_says_why(stage: Stage) -> None:
    stage.open()
    stage.accept()
    OriginationIdentity.objects.update(active=False)
    stage.say(ANNA, "no")
    outcomes.tell()
    assert stage.status() == "unacknowledged"
    assert "no origination identity" in stage.incident().timeline.filter(kind="unreachable")[0].text


def test_one_incident_that_cannot_be_run_does_not_keep_the_others(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for incident_id in ("bad", "good"):
        stage.open(incident_id)
    stage.accept()
    real = change.apply

    def broken(incident: Any, *arguments: Any, **options: Any) -> Any:
        if incident.incident_id == "bad":
            raise ValueError("poison")
        return real(incident, *arguments, **options)

    monkeypatch.setattr(change, "apply", broken)
    stage.time.forward(WAIT)
    assert stage.due() == 1
    assert stage.kinds("good").count("reminder") == 1
    bad = stage.incident("bad")
    assert bad.failures == 1
    assert bad.next_step_at is not None
    assert bad.next_step_at > clock.now()
    assert TimelineEntry.objects.filter(incident=bad, kind="trouble").count() == 1

    monkeypatch.undo()
    stage.time.forward(2)
    assert stage.due() == 1
    assert stage.kinds("bad").count("reminder") == 1
    assert stage.incident("bad").failures == 0


def test_what_fails_among_many_leaves_one_reminder_to_each_of_the_others(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [str(number) for number in range(100, 125)]
    for incident_id in ids:
        stage.open(incident_id)
    stage.accept()
    real = change.apply

    def broken(incident: Any, *arguments: Any, **options: Any) -> Any:
        changed = real(incident, *arguments, **options)
        if incident.incident_id in ("105", "117"):
            raise ValueError("poison")
        return changed

    monkeypatch.setattr(change, "apply", broken)
    stage.time.forward(WAIT)
    assert stage.due() == 23
    reminders = {incident_id: stage.kinds(incident_id).count("reminder") for incident_id in ids}
    assert reminders == {incident_id: int(incident_id not in ("105", "117")) for incident_id in ids}
    assert sum("Reminder" in text for text in stage.texts(ANNA)) == 23
    assert [stage.incident(incident_id).failures for incident_id in ("105", "117", "106")] == [1, 1, 0]


def test_a_database_in_trouble_is_no_trouble_of_the_incident(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.open("1")
    stage.open("2")
    stage.accept()
    stage.time.forward(WAIT)
    real, asked = change.apply, []

    def away(incident: Any, *arguments: Any, **options: Any) -> Any:
        asked.append(incident)
        if len(asked) == 2:
            raise OperationalError("server closed the connection unexpectedly")
        return real(incident, *arguments, **options)

    monkeypatch.setattr(change, "apply", away)
    with pytest.raises(OperationalError):
        stage.due()
    assert [stage.incident(incident_id).failures for incident_id in "12"] == [0, 0]
    assert stage.due() == 2, "both are still due, at once"
    kinds = [stage.kinds(incident_id) for incident_id in "12"]
    assert [(each.count("trouble"), each.count("reminder")) for each in kinds] == [(0, 1), (0, 1)]


def test_waits_that_are_over_together_share_a_transaction(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(progress, "_LONGEST_LOCK", timedelta(minutes=1))
    for number in range(10):
        stage.open(str(number))
    stage.accept()
    stage.time.forward(WAIT)
    # What is due, a transaction, its locks, its people; and of each step two rows, a text, two guards and a line.
    with django_assert_max_num_queries(5 + 10 * 10):
        assert stage.due() == 10


def test_no_step_begins_once_the_locks_have_been_held_for_long(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_LONGEST_LOCK", timedelta(0))
    locked: list[int] = []
    real = progress._run

    def noted(keys: Sequence[int], now: datetime) -> tuple[int, Sequence[int]]:
        locked.append(len(keys))
        return real(keys, now)

    monkeypatch.setattr(progress, "_run", noted)
    for number in range(3):
        stage.open(str(number))
    stage.accept()
    stage.time.forward(WAIT)
    assert stage.due() == 3
    assert locked == [3, 2, 1]
    assert [stage.kinds(str(number)).count("reminder") for number in range(3)] == [1, 1, 1]


def test_the_work_list_waits_for_what_is_about_to_be_due_and_is_never_early(stage: Stage) -> None:
    stage.open()
    stage.accept()
    due = stage.incident().next_step_at
    assert due is not None
    work = DueIncidents()
    stage.time.forward((due - clock.now()).total_seconds() - 3)
    assert not work.is_due(clock.now())
    work.run()
    assert stage.kinds().count("reminder") == 0
    stage.time.forward(2)
    assert work.is_due(clock.now())
    work.run()
    reminder = stage.incident().timeline.get(kind="reminder")
    assert due <= reminder.at < due + timedelta(seconds=0.5)


def test_a_worker_asked_to_end_leaves_the_rest_for_the_next(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.time.forward(WAIT)
    clock.request_stop()
    DueIncidents().run()
    assert stage.kinds().count("reminder") == 0
    assert stage.incident().next_step_at is not None


def test_figures_tell_how_it_went(stage: Stage) -> None:
    stage.open()
    stage.time.forward(3)
    stage.accept()
    stage.say(ANNA, "no")
    stage.accept()
    stage.time.forward(10)
    stage.say(BEN, "yes")
    found = figures(stage.incident())
    assert found.time_to_first_text is not None
    assert found.time_to_acknowledgement is not None
    assert 3 <= found.time_to_first_text.total_seconds() < 5
    assert 13 <= found.time_to_acknowledgement.total_seconds() < 16
    assert found.escalations == 1
