"""Rows that point to what is not there."""

from datetime import timedelta

import pytest

from messaging import clock
from messaging.models import Status
from tests.messaging.audit.looking import finding, severity
from tests.messaging.audit.test_stuck import event
from tests.messaging.factories import received, standing

pytestmark = pytest.mark.usefixtures("number", "time")

REPLY, STRAY = "messaging.orphan_reply", "messaging.event_without_text"


def test_a_reply_answers_a_text_that_is_there() -> None:
    text = received("Hello", outcome="keyword", routed_at=clock.now())
    standing(Status.SENT, idempotency_key=f"inbound:{text.inbound_message_id}:reply0")
    standing(Status.SENT, idempotency_key=f"inbound:{text.inbound_message_id}:reply12", seconds_ago=5)
    assert severity(REPLY) == ""
    lost = standing(Status.SENT, idempotency_key="inbound:nobody:reply0", seconds_ago=9)
    found = finding(REPLY)
    assert found is not None
    assert (found.severity, found.count, found.examples) == ("critical", 1, (f"text {lost.pk}",))


def test_a_reply_to_a_text_that_is_not_routed_is_none_of_its() -> None:
    text = received("Hello")
    standing(Status.SENT, idempotency_key=f"inbound:{text.inbound_message_id}:reply0")
    assert severity(REPLY) == "critical"


def test_an_event_of_no_text_is_told_for_a_week() -> None:
    event(8 * 86_400, applied_at=clock.now())
    event(60)  # may still find its text
    assert severity(STRAY) == ""
    event(60, applied_at=clock.now() - timedelta(seconds=1))
    assert severity(STRAY) == "warning"


def test_news_of_the_first_of_two_calls_is_nobodys_rightly() -> None:
    message = standing(Status.SENT, attempts=2)
    event(payload={"context": {"textback-message": str(message.pk)}}, applied_at=clock.now())
    assert severity(STRAY) == ""
