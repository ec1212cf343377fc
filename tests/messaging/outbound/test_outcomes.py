"""Telling conversations what became of their texts: a while at a time, and those that fail keep nobody waiting."""

from datetime import timedelta

import pytest

from incidents.replies import IncidentReplies
from messaging.models import OutboundMessage, Status
from messaging.outbound import outcomes
from messaging.work import Outcomes
from tests.messaging.factories import standing

pytestmark = pytest.mark.django_db


def waiting(count: int) -> list[int]:
    texts = [standing(Status.DELIVERED, conversation="incidents", reports_outcome=True) for _ in range(count)]
    OutboundMessage.objects.update(outcome_pending=True)
    return [text.pk for text in texts]


def test_a_short_while_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(IncidentReplies, "text_settled", lambda _, message: told.append(message.pk))
    monkeypatch.setattr(outcomes, "_BATCH", 3)
    keys = waiting(7)
    after = outcomes.tell(for_as_long_as=timedelta(microseconds=1))
    assert (told, after) == (keys[:3], keys[2])
    assert outcomes.tell(after) == 0
    assert told == keys


def test_those_that_fail_do_not_starve_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = waiting(7)
    told: list[int] = []

    def settled(_: IncidentReplies, message: OutboundMessage) -> None:
        if message.pk in keys[:5]:
            raise RuntimeError("broken for these")
        told.append(message.pk)

    monkeypatch.setattr(IncidentReplies, "text_settled", settled)
    monkeypatch.setattr(outcomes, "_BATCH", 3)
    monkeypatch.setattr("messaging.work._SLICE", timedelta(microseconds=1))
    work_list = Outcomes()
    for _ in range(3):
        work_list.run()
    assert told == keys[5:]
    assert OutboundMessage.objects.filter(outcome_pending=True).count() == 5
