"""Days that are over are counted once and kept; reports are true to the incident all the same."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents import lifecycle
from incidents.models import ChangedDay, ReportedDay
from incidents.reports import counting, days, kept, spans, tables
from incidents.reports.days import Day
from incidents.reports.figures import Outcome
from incidents.reports.spans import Span, last_days
from incidents.reports.work import ReportedDays
from messaging import clock, registry
from tests.incidents.stage import ANNA, Stage
from tests.incidents.test_reports import make

DAY = 86_400


def today() -> date:
    return timezone.localdate(clock.now())


def work() -> None:
    """What a worker does until nothing is left."""
    ReportedDays().run()
    while ReportedDays().is_due(clock.now()):
        ReportedDays().run()


def report(span: Span) -> list[list[tuple[Any, ...]]]:
    return [list(table(span)) for table in (tables.by_day, tables.by_contact, tables.by_policy)]


@pytest.fixture
def yesterday(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> date:
    """A day on which an incident was taken, one was escalated and logged for review; it is over and was counted."""
    # Counting a year of empty days takes a second, which no test but one is about.
    monkeypatch.setattr(spans, "LONGEST", 5)
    day = today()
    stage.open("taken")
    stage.accept()
    stage.time.forward(12)
    stage.say(ANNA, "YES taken")
    stage.open("never", second_contact="")
    stage.accept()
    stage.say(ANNA, "NO never")
    stage.time.forward(1.5 * DAY)
    work()
    assert day < today()
    return day


def test_what_is_kept_is_what_would_be_counted(stage: Stage, yesterday: date) -> None:
    span = Span(yesterday, yesterday)
    assert ReportedDay.objects.filter(day=yesterday).exists()
    counted = counting.count([yesterday])[yesterday]
    assert kept.read(span)[yesterday].as_json() == counted.as_json()
    before = report(span)
    assert before[0][1][:6] == (yesterday.isoformat(), 2, 0, 1, 0, 1)
    ReportedDay.objects.all().delete()
    assert report(span) == before


def test_a_day_comes_back_from_the_database_as_it_was() -> None:
    chance = random.Random(3)
    day = Day(first_text=(3.25, 2))
    for number in range(20):
        group = day.policies[f"p{number % 3}"]
        group.outcomes[chance.choice(list(Outcome)).value] += 1
        group.took.append(chance.random())
        group.escalations += number
        day.people[f"+1425555{number:04}"] = days.Person(f"N{number}", 1, 1, number % 2, 0, 1, 0, [1.5]).row()
        day.statuses["resolved"] += 1
    assert days.read(json.loads(json.dumps(day.as_json()))) == day


def test_a_kept_day_is_not_counted_again_while_somebody_waits(stage: Stage, yesterday: date) -> None:
    with CaptureQueriesContext(connection) as found:
        kept.read(Span(yesterday, yesterday))
    assert len(found) == 2
    assert not any('"incidents_incident"' in query["sql"] for query in found)
    with CaptureQueriesContext(connection) as found:
        kept.read(Span(yesterday - timedelta(days=1), today()))
    assert len(found) == 5


def test_a_change_of_an_old_incident_is_in_the_next_report_and_the_day_is_counted_anew(
    stage: Stage, yesterday: date
) -> None:
    span = Span(yesterday, yesterday)
    assert kept.read(span)[yesterday].whole.late == 0
    stage.say(ANNA, "YES never")
    assert kept.read(span)[yesterday].whole.late == 1
    assert ChangedDay.objects.filter(day=yesterday).exists()
    # Somebody else may be about to change another of that day: it is counted once for all of them.
    assert not ReportedDays().is_due(clock.now())
    stage.time.forward(601)
    assert ReportedDays().is_due(clock.now())
    work()
    assert not ChangedDay.objects.exists()
    assert ReportedDay.objects.get(day=yesterday).version == 1
    assert kept.read(span)[yesterday].whole.late == 1


@pytest.mark.parametrize("act", [lifecycle.resolve, lifecycle.acknowledge])
def test_whoever_changes_it_leaves_a_mark(stage: Stage, yesterday: date, act: Any) -> None:
    act("never", actor="olga")
    assert ChangedDay.objects.filter(day=yesterday).exists()
    before = report(Span(yesterday, yesterday))
    ReportedDay.objects.all().delete()
    assert report(Span(yesterday, yesterday)) == before


def test_a_mark_is_undone_with_the_change(stage: Stage, yesterday: date) -> None:
    with pytest.raises(lifecycle.NotAllowed):
        lifecycle.cancel("taken", actor="olga")
    assert not ChangedDay.objects.exists()


def test_incidents_of_today_leave_no_marks(stage: Stage) -> None:
    stage.open("1")
    stage.accept()
    stage.say(ANNA, "YES")
    assert not ChangedDay.objects.exists()


def test_today_is_not_kept_nor_a_day_that_has_just_ended(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "LONGEST", 3)
    make(1, clock.now() - timedelta(days=30), 10)
    midnight = datetime.combine(today() + timedelta(days=1), datetime.min.time(), UTC)
    stage.time.forward((midnight - clock.now()).total_seconds() + 300)
    work()
    assert max(ReportedDay.objects.values_list("day", flat=True)) == today() - timedelta(days=2)
    stage.time.forward(301)
    assert ReportedDays().is_due(clock.now())
    work()
    assert max(ReportedDay.objects.values_list("day", flat=True)) == today() - timedelta(days=1)
    assert ReportedDay.objects.count() == 3


def test_of_two_workers_the_one_that_began_earlier_does_not_hide_a_change(
    stage: Stage, yesterday: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.say(ANNA, "YES never")
    stage.time.forward(601)
    real = counting.count

    def slow(wanted: Any) -> Any:
        found = real(wanted)
        monkeypatch.setattr(counting, "count", real)
        # Meanwhile another incident is resolved, and a quicker worker counts.
        lifecycle.resolve("taken", actor="olga")
        stage.time.forward(601)
        kept.count_next(clock.now())
        return found

    monkeypatch.setattr(counting, "count", slow)
    kept.count_next(clock.now())
    assert kept.read(Span(yesterday, yesterday))[yesterday].statuses["resolved"] == 1


def test_a_change_while_a_day_is_counted_keeps_its_mark(
    stage: Stage, yesterday: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.say(ANNA, "YES never")
    stage.time.forward(601)
    real = counting.count

    def meanwhile(wanted: Any) -> Any:
        found = real(wanted)
        monkeypatch.setattr(counting, "count", real)
        lifecycle.resolve("taken", actor="olga")
        return found

    monkeypatch.setattr(counting, "count", meanwhile)
    kept.count_next(clock.now())
    assert ChangedDay.objects.filter(day=yesterday).count() == 1
    assert kept.read(Span(yesterday, yesterday))[yesterday].statuses["resolved"] == 1


def test_in_another_time_zone_days_are_others(stage: Stage, yesterday: date, settings: Any) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    timezone.get_default_timezone.cache_clear()  # type: ignore[attr-defined]
    try:
        assert ReportedDays().is_due(clock.now())
        span = last_days(4, timezone.localdate(clock.now(), timezone.get_default_timezone()))
        counted = counting.count(list(kept.read(span)))
        assert {day: one.as_json() for day, one in kept.read(span).items()} == {
            day: one.as_json() for day, one in counted.items()
        }
        work()
        assert set(ReportedDay.objects.values_list("zone", flat=True)) == {"Pacific/Auckland"}
    finally:
        timezone.get_default_timezone.cache_clear()  # type: ignore[attr-defined]


def test_days_that_no_report_has_are_forgotten(stage: Stage, yesterday: date) -> None:
    stage.time.forward(30 * DAY)
    ChangedDay.objects.create(day=yesterday, at=clock.now())
    work()
    assert ReportedDay.objects.count() == spans.LONGEST
    assert not ReportedDay.objects.filter(day=yesterday).exists()
    assert not ChangedDay.objects.exists()
    # Its incidents are counted while somebody waits, as all of them once were.
    assert kept.read(Span(yesterday, yesterday))[yesterday].whole.opened == 2


def test_a_day_between_kept_ones_is_counted_alone(stage: Stage, yesterday: date) -> None:
    make(1, datetime.combine(yesterday - timedelta(days=1), datetime.min.time(), UTC), 10, policy="Night")
    ReportedDay.objects.filter(day__in=[yesterday - timedelta(days=1), yesterday]).delete()
    told = {"zone": kept._zone(), "figures": days.Day(statuses={"x": 1}).as_json()}  # type: ignore[arg-type]
    ReportedDay.objects.update_or_create(day=yesterday - timedelta(days=2), defaults=told)
    found = kept.read(Span(yesterday - timedelta(days=2), yesterday))
    assert [one.whole.opened for one in found.values()] == [0, 1, 2]
    assert found[yesterday - timedelta(days=2)].statuses["x"] == 1


def test_somebody_on_two_steps_of_an_incident_counts_once(stage: Stage) -> None:
    stage.open("1", first_contact=ANNA, second_contact=ANNA)
    stage.accept()
    stage.forward(41)
    stage.forward(41)
    stage.say(ANNA, "YES 1")
    (anna,) = list(tables.by_contact(last_days(2, today())))[1:]
    assert anna[:6] == (ANNA, "Anna", 1, 1, 1, 0)


def test_no_day_before_the_first_incident_is_counted(stage: Stage) -> None:
    work()
    assert not ReportedDays().is_due(clock.now())
    assert not ReportedDay.objects.exists(), "a new house has no year to count"
    make(1, clock.now() - timedelta(days=5), 10)
    assert ReportedDays().is_due(clock.now())
    work()
    assert ReportedDay.objects.count() == 5


def test_the_list_of_work_is_known() -> None:
    assert ReportedDays.name in registry.work_lists()
