"""Drainer and bare loop send the same texts, and a difference is seen."""

from dataclasses import replace

import pytest

from benchmarks import dispatch, jobs, texts
from benchmarks.carrier import Arrival
from benchmarks.stage import OURS, Stage
from messaging.models import OutboundMessage


@pytest.mark.django_db(transaction=True)
def test_both_send_the_same(stage: Stage) -> None:
    stage.number(5000)
    dispatch.drain(stage, 6)
    ours = {(each.destination, each.origination, each.body) for each in stage.carrier.arrivals()}
    dispatch.loop(stage, 6)
    assert ours == {(each.destination, each.origination, each.body) for each in stage.carrier.arrivals()}
    assert OutboundMessage.objects.filter(status="sent").count() == 6


@pytest.mark.django_db(transaction=True)
def test_texts_that_are_not_sent_are_seen(stage: Stage) -> None:
    stage.number(5000, active=False)
    with pytest.raises(AssertionError, match="0 of 4"):
        dispatch.drain(stage, 4)


def test_a_job_sends_what_the_loop_sends(stage: Stage) -> None:
    for number in texts.recipients(3):
        jobs.send(number, OURS, texts.BODY, "1")
    dispatch.compare(stage.carrier.arrivals(), 3)


_RIGHT = [Arrival(1.0, number, OURS, texts.BODY) for number in texts.recipients(3)]


@pytest.mark.parametrize(
    ("arrivals", "told"),
    [
        (_RIGHT[:2], "1 are missing"),
        ([*_RIGHT, _RIGHT[0]], "1 are too many"),
        ([*_RIGHT[:2], replace(_RIGHT[2], body="something shorter")], "1 are missing, 1 are too many"),
        ([*_RIGHT[:2], replace(_RIGHT[2], origination="+14255550199")], "1 are missing, 1 are too many"),
    ],
)
def test_other_texts_are_seen(arrivals: list[Arrival], told: str) -> None:
    dispatch.compare(_RIGHT, 3)
    with pytest.raises(AssertionError, match=told):
        dispatch.compare(arrivals, 3)
