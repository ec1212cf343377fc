"""What should have moved by itself: found once it is old, and at rest whatever its age."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from messaging import clock
from messaging.models import DeliveryEvent, DeliveryPolicy, OriginationIdentity, OutboundMessage, Status
from tests.messaging.audit.looking import severity
from tests.messaging.factories import received, standing
from tests.moving import MovableTime

pytestmark = pytest.mark.usefixtures("number", "time")

AT_MOST_ONCE = DeliveryPolicy.AT_MOST_ONCE


def sending(seconds_ago: float) -> None:
    standing(Status.SENDING, seconds_ago=seconds_ago)


def unknown(seconds_ago: float, **fields: Any) -> OutboundMessage:
    then = clock.now() - timedelta(seconds=seconds_ago)
    values: dict[str, Any] = {"attempted_at": then, "unknown_at": then, "doubts": 1}
    return standing(Status.UNKNOWN, **values | fields)


def at_most_once(seconds_ago: float) -> None:
    unknown(seconds_ago, delivery_policy=AT_MOST_ONCE)


def expired(seconds_ago: float) -> None:
    standing(Status.QUEUED, expires_at=clock.now() - timedelta(seconds=seconds_ago), withheld=True)


def untold(seconds_ago: float) -> None:
    standing(Status.SENT, seconds_ago=seconds_ago, reports_outcome=True, outcome_pending=True)


def unrouted(seconds_ago: float) -> None:
    received("Hello", stored_at=clock.now() - timedelta(seconds=seconds_ago))


def event(seconds_ago: float = 0, carrier_message_id: str = "", **fields: Any) -> DeliveryEvent:
    then = clock.now() - timedelta(seconds=seconds_ago)
    values: dict[str, Any] = {
        "sns_message_id": f"sns-{DeliveryEvent.objects.count()}",
        "carrier_message_id": carrier_message_id or "carrier-of-nobody",
        "event_type": "TEXT_DELIVERED",
        "is_final": True,
        "occurred_at": then,
        "stored_at": then,
        "payload": {},
        "apply_after": then,
    }
    return DeliveryEvent.objects.create(**values | fields)


def event_of_a_text(seconds_ago: float) -> None:
    message = standing(Status.SENT, seconds_ago=seconds_ago + 1)
    event(seconds_ago, message.carrier_message_id or "")


# check, what is stuck, seconds after which it is, severity
WAITING: list[tuple[str, Callable[[float], object], float, str]] = [
    ("messaging.stuck_sending", sending, 72, "critical"),
    ("messaging.unknown_not_resent", unknown, 120, "critical"),
    ("messaging.unknown_at_most_once", at_most_once, 60, "warning"),
    ("messaging.past_time_to_live", expired, 60, "critical"),
    ("messaging.untold_outcome", untold, 300, "critical"),
    ("messaging.unrouted", unrouted, 300, "critical"),
    ("messaging.unapplied_event", event_of_a_text, 660, "critical"),
]


@pytest.mark.parametrize(("check", "make", "seconds", "bad"), WAITING)
def test_what_waits_is_found_when_it_is_old_and_not_before(
    check: str, make: Callable[[float], object], seconds: float, bad: str
) -> None:
    make(seconds - 20)
    assert severity(check) == ""
    make(seconds + 1)
    assert severity(check) == bad


@pytest.mark.parametrize(("check", "make", "seconds", "bad"), WAITING)
def test_at_rest_it_is_found_however_young(
    check: str, make: Callable[[float], object], seconds: float, bad: str
) -> None:
    assert severity(check, at_rest=True) == ""
    make(0.1)
    assert severity(check, at_rest=True) == bad


def test_an_at_most_once_text_in_doubt_is_news_for_a_week() -> None:
    at_most_once(7 * 86_400 + 60)
    assert severity("messaging.unknown_at_most_once", at_rest=True) == ""


def test_an_at_most_once_text_is_not_expected_to_be_sent_again() -> None:
    at_most_once(3600)
    assert severity("messaging.unknown_not_resent", at_rest=True) == ""


def test_a_text_that_fails_to_be_routed_again_and_again_is_found_early() -> None:
    text = received("Hello", attempts=4)
    assert severity("messaging.unrouted") == ""
    text.attempts = 5
    text.save()
    assert severity("messaging.unrouted") == "critical"


def test_an_event_that_may_be_another_systems_may_wait_even_at_rest(number: OriginationIdentity) -> None:
    event(30)
    assert severity("messaging.unapplied_event", at_rest=True) == ""


def test_an_event_that_names_a_text_in_doubt_may_not_wait_at_rest(time: MovableTime) -> None:
    message = unknown(30)
    event(payload={"context": {"textback-message": str(message.pk)}})
    assert severity("messaging.unapplied_event", at_rest=True) == "critical"
