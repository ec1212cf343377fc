"""Statuses against what AWS has told."""

from datetime import timedelta
from typing import Any

import pytest

from messaging import clock
from messaging.models import DeliveryPolicy, Lane, OriginationIdentity, OutboundMessage, Status
from messaging.outbound import outbox
from messaging.outbound.carriers.base import CarrierError, Fate
from tests.messaging.audit.looking import severity
from tests.messaging.audit.test_stuck import event
from tests.messaging.factories import ANN, OUR_NUMBER, standing
from tests.moving import MovableTime

pytestmark = pytest.mark.usefixtures("number", "time")

WITHOUT, IGNORED = "messaging.delivered_without_event", "messaging.event_not_heeded"
TWICE, AGAIN = "messaging.sent_twice", "messaging.called_after_doubt"


def told(
    message: OutboundMessage, event_type: str, *, final: bool = True, carrier: str = "", applied: bool = True
) -> None:
    event(
        carrier_message_id=carrier or message.carrier_message_id or "",
        event_type=event_type,
        is_final=final,
        message=message,
        applied_at=clock.now() if applied else None,
    )


def test_a_delivered_text_has_its_event() -> None:
    now = clock.now()
    good = [standing(Status.DELIVERED, delivered_at=now) for _ in range(2)]
    told(good[0], "TEXT_DELIVERED")
    told(good[1], "TEXT_SUCCESSFUL")
    assert severity(WITHOUT) == ""
    bad = standing(Status.DELIVERED, delivered_at=now)
    told(bad, "TEXT_SUCCESSFUL", final=False)
    assert severity(WITHOUT) == "critical"


HEEDED = [
    (Status.SENT, "TEXT_QUEUED", False),
    (Status.SENT, "TEXT_SUCCESSFUL", False),
    (Status.DELIVERED, "TEXT_SUCCESSFUL", True),
    (Status.FAILED, "TEXT_UNREACHABLE", True),
    (Status.FAILED, "TEXT_DELIVERED", True),  # late news
    (Status.QUEUED, "TEXT_UNREACHABLE", True),  # of the first call; the second is to come
]
IGNORED_NEWS = [
    (Status.SENT, "TEXT_DELIVERED", True),
    (Status.SENT, "TEXT_SUCCESSFUL", True),
    (Status.SENT, "TEXT_CARRIER_BLOCKED", True),
    (Status.SENT, "TEXT_UNKNOWN", True),
    (Status.UNKNOWN, "TEXT_QUEUED", False),
    (Status.QUEUED, "TEXT_DELIVERED", True),
    (Status.SENDING, "TEXT_SUCCESSFUL", False),
]


@pytest.mark.parametrize(("status", "event_type", "final"), HEEDED)
def test_news_that_was_heeded_is_no_finding(status: Status, event_type: str, final: bool) -> None:
    told(standing(status, carrier_message_id="a", sent_at=clock.now()), event_type, final=final)
    assert severity(IGNORED) == ""


@pytest.mark.parametrize(("status", "event_type", "final"), IGNORED_NEWS)
def test_news_that_was_not_heeded_is_found(status: Status, event_type: str, final: bool) -> None:
    message = standing(status, carrier_message_id="a", sent_at=clock.now())
    told(message, event_type, final=final, applied=False)
    assert severity(IGNORED) == ""
    told(message, event_type, final=final)
    assert severity(IGNORED) == "critical"


def test_a_failure_of_another_call_is_not_that_of_this_one() -> None:
    told(standing(Status.SENT), "TEXT_UNREACHABLE", carrier="of-the-first-call")
    assert severity(IGNORED) == ""


def once(**fields: Any) -> OutboundMessage:
    return standing(Status.SENT, delivery_policy=DeliveryPolicy.AT_MOST_ONCE, **fields)


def test_two_ids_at_aws_are_two_copies() -> None:
    told(standing(Status.SENT), "TEXT_SENT", carrier="another")  # at least once: may be
    told(once(), "TEXT_SENT", final=False)
    assert severity(TWICE) == ""
    told(once(), "TEXT_SENT", final=False, carrier="yet another")
    assert severity(TWICE) == "critical"


def test_an_event_of_a_second_call_that_no_text_took_tells_as_well() -> None:
    message = once()
    named = {"context": {"textback-message": str(message.pk)}}
    event(payload=named | {"destinationPhoneNumber": "+14255550000"}, applied_at=clock.now())
    assert severity(TWICE) == ""
    event(payload=named | {"destinationPhoneNumber": ANN}, applied_at=clock.now())
    assert severity(TWICE) == "critical"


def test_an_at_most_once_text_is_not_called_after_a_doubt() -> None:
    now = clock.now()
    called: dict[str, Any] = {"attempts": 2, "attempted_at": now}
    once(**called, unknown_at=now + timedelta(seconds=12), doubts=1)  # its last call was the one in doubt
    standing(Status.SENT, **called, unknown_at=now - timedelta(seconds=60), doubts=1)
    assert severity(AGAIN) == ""
    once(**called, unknown_at=now - timedelta(seconds=1), doubts=1)
    assert severity(AGAIN) == "critical"


def test_a_doubt_that_is_counted_no_more_without_having_ended_was_one() -> None:
    now = clock.now()
    once(attempts=2, attempted_at=now, unknown_at=now - timedelta(seconds=1), doubts=0)
    assert severity(AGAIN) == "critical"


@pytest.mark.parametrize("late", ["a refusal", "given back"])
def test_a_doubt_that_has_ended_is_none(time: MovableTime, late: str) -> None:
    """The call of a dead worker, as it seemed; then its answer. The next call is in doubt in earnest."""
    message = standing(Status.SENDING, delivery_policy=DeliveryPolicy.AT_MOST_ONCE)
    time.forward(13)
    assert outbox.mark_dead_calls_unknown(clock.now()) == 1
    if late == "a refusal":
        outbox.record([outbox.Result(message, error=CarrierError(Fate.REFUSED, "ThrottlingException", "Slow down"))])
    else:
        outbox.release([message])
    assert severity(AGAIN) == ""
    time.forward(20)
    (again,) = claimed()
    assert again.pk == message.pk
    assert severity(AGAIN) == ""
    time.forward(13)
    assert outbox.mark_dead_calls_unknown(clock.now()) == 1
    assert severity(AGAIN) == severity("messaging.status_without_its_fields") == ""


def claimed() -> list[OutboundMessage]:
    number = OriginationIdentity.objects.get()
    expires = clock.now() + timedelta(minutes=5)
    Lane.objects.update_or_create(
        origination_identity=number, defaults={"lease_owner": "me", "lease_expires_at": expires}
    )
    return outbox.claim(
        OUR_NUMBER,
        owner="me",
        lease=timedelta(seconds=30),
        most_rows=9,
        most_parts=9,
        most_parts_of_first=9,
        now=clock.now(),
    )


def test_an_at_most_once_text_has_one_doubt_at_most() -> None:
    once(attempts=2, unknown_at=clock.now() + timedelta(seconds=1), doubts=2)
    assert severity(AGAIN) == "critical"
