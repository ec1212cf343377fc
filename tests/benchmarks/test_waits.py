"""Alerts, replies and timers: each is found once, and counted from when it was due."""

import itertools
from datetime import timedelta

import pytest

from benchmarks import alert, inbound, timers
from benchmarks.carrier import Arrival
from benchmarks.stage import OURS, Stage
from incidents import lifecycle
from incidents.models import Kind, TimelineEntry
from messaging import clock

ANN, BOB, CAMPAIGN = "+15095550101", "+15095550102", "+12065550103"


def _arrival(at: float, destination: str) -> Arrival:
    return Arrival(at, destination, OURS, "text")


def test_an_alert_waits_from_its_incident_to_its_arrival() -> None:
    arrivals = [_arrival(10.5, ANN), _arrival(12.25, BOB), _arrival(12.5, CAMPAIGN)]
    assert alert.waits({ANN: 10.0, BOB: 12.0}, arrivals) == [0.5, 0.25]


@pytest.mark.parametrize(
    ("arrivals", "told"),
    [
        ([_arrival(10.5, ANN), _arrival(12.5, CAMPAIGN)], "1 alerts arrived for 2"),
        ([_arrival(10.5, ANN), _arrival(10.6, ANN), _arrival(12.1, BOB), _arrival(12.5, CAMPAIGN)], "3 alerts"),
        ([_arrival(10.5, ANN), _arrival(12.1, BOB), _arrival(11.9, CAMPAIGN)], "behind nothing"),
    ],
)
def test_alerts_that_are_lost_or_alone_are_seen(arrivals: list[Arrival], told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        alert.waits({ANN: 10.0, BOB: 12.0}, arrivals)


def test_a_reply_waits_from_when_its_text_was_due() -> None:
    assert inbound.waits({ANN: 1.0, BOB: 2.0}, [_arrival(2.5, BOB), _arrival(3.0, ANN)]) == [0.5, 2.0]


@pytest.mark.parametrize(
    "arrivals", [[_arrival(2.5, BOB)], [_arrival(2.5, BOB), _arrival(2.6, BOB), _arrival(3.0, ANN)]]
)
def test_replies_that_are_lost_or_repeated_are_seen(arrivals: list[Arrival]) -> None:
    with pytest.raises(AssertionError, match="replies arrived"):
        inbound.waits({ANN: 1.0, BOB: 2.0}, arrivals)


@pytest.mark.django_db
def test_timers_are_due_evenly_and_their_reminders_are_what_is_timed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.number(100)
    monkeypatch.setattr(timers, "_BEGIN_IN", timedelta(seconds=-30))
    due = timers.open_incidents("timed", 6, 3)
    moments = sorted(due.values())
    assert {second - first for first, second in itertools.pairwise(moments)} == {timedelta(seconds=0.5)}
    with pytest.raises(AssertionError, match="0 of 6"):
        timers.lateness(due, timers.ran_at("timed"))
    assert lifecycle.run_due(clock.now()) == 6
    assert TimelineEntry.objects.filter(kind=Kind.REMINDER).count() == 6
    late = timers.lateness(due, timers.ran_at("timed"))
    assert all(26 < each < 300 for each in late)


def test_what_runs_early_is_less_than_nothing_late() -> None:
    now = clock.now()
    assert timers.lateness({"a": now}, {"a": now - timedelta(seconds=2)}) == [-2.0]
