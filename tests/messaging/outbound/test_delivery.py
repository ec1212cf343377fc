"""What delivery events mean, and how they find their text."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from messaging import clock
from messaging.models import DeliveryEvent, OriginationIdentity, OutboundMessage, Status
from messaging.outbound import delivery
from tests.messaging.factories import ANN, BOB, standing
from tests.moving import MovableTime

EVENTS = [
    # type, final, what it says of the text
    ("TEXT_DELIVERED", True, Status.DELIVERED),
    ("TEXT_DELIVERED", False, Status.DELIVERED),
    ("TEXT_SUCCESSFUL", True, Status.DELIVERED),
    ("TEXT_SUCCESSFUL", False, Status.SENT),
    ("TEXT_QUEUED", False, Status.SENT),
    ("TEXT_PENDING", False, Status.SENT),
    ("TEXT_INVALID", True, Status.FAILED),
    ("TEXT_INVALID_MESSAGE", True, Status.FAILED),
    ("TEXT_UNREACHABLE", True, Status.FAILED),
    ("TEXT_CARRIER_UNREACHABLE", True, Status.FAILED),
    ("TEXT_BLOCKED", True, Status.FAILED),
    ("TEXT_CARRIER_BLOCKED", True, Status.FAILED),
    ("TEXT_SPAM", True, Status.FAILED),
    ("TEXT_TTL_EXPIRED", True, Status.FAILED),
    ("TEXT_PROTECT_BLOCKED", True, Status.FAILED),
    ("TEXT_UNKNOWN", True, Status.FAILED),
    ("TEXT_UNKNOWN", False, None),
    ("RCS_DELIVERED", True, None),
    ("VOICE_COMPLETED", True, None),
]


@pytest.mark.parametrize(("event_type", "final", "says"), EVENTS)
def test_what_an_event_says(event_type: str, final: bool, says: Status | None) -> None:
    assert delivery.status_of(event_type, final) is says


def payload(message_id: str, event_type: str = "TEXT_DELIVERED", **fields: Any) -> dict[str, Any]:
    return {
        "eventType": event_type,
        "eventVersion": "1.0",
        "eventTimestamp": int(clock.now().timestamp() * 1000),
        "isFinal": True,
        "destinationPhoneNumber": ANN,
        "messageId": message_id,
        "messageStatusDescription": "Message has been accepted by phone",
        "totalMessageParts": 1,
        "totalMessagePrice": 0.00883,
        "context": {},
    } | fields


def take(event: dict[str, Any], sns_message_id: str = "sns-1") -> None:
    delivery.store([delivery.read(event, sns_message_id=sns_message_id)])
    delivery.apply_waiting()


pytestmark = pytest.mark.django_db


def test_an_event_finds_its_text_by_the_carriers_id_and_brings_the_price() -> None:
    message = standing(Status.SENT, carrier_message_id="abc")
    take(payload("abc"))
    message.refresh_from_db()
    assert (message.status, message.price, message.currency) == (Status.DELIVERED, Decimal("0.008830"), "USD")


def test_an_event_settles_a_call_that_had_no_answer_by_the_id_in_its_context() -> None:
    message = standing(Status.UNKNOWN, error_code="ReadTimeoutError", error_reason="no answer")
    take(payload("abc", context={"textback-message": str(message.pk)}))
    message.refresh_from_db()
    assert (message.status, message.carrier_message_id) == (Status.DELIVERED, "abc")
    assert (message.error_code, message.error_reason) == ("", ""), "nothing is wrong any more"


def test_an_event_of_another_installation_with_the_same_id_changes_nothing() -> None:
    message = standing(Status.UNKNOWN, to=BOB)
    take(payload("abc", context={"textback-message": str(message.pk)}))
    message.refresh_from_db()
    assert message.status == Status.UNKNOWN


@pytest.mark.parametrize("own_id", ["", "x", "-1", "٣", "9" * 30, None, 5, {"a": 1}])
def test_a_context_of_any_form_does_no_harm(own_id: object) -> None:
    take(payload("abc", context={"textback-message": own_id}))
    assert DeliveryEvent.objects.get().message is None


def test_a_text_that_waits_to_be_sent_again_is_settled_and_not_sent_again() -> None:
    message = standing(Status.QUEUED, attempts=1)
    take(payload("abc", context={"textback-message": str(message.pk)}))
    message.refresh_from_db()
    assert message.status == Status.DELIVERED


def test_of_a_text_sent_twice_a_failure_of_the_first_copy_counts_for_nothing() -> None:
    message = standing(Status.SENT, carrier_message_id="second", attempts=2)
    take(payload("first", "TEXT_UNREACHABLE", context={"textback-message": str(message.pk)}), "sns-1")
    message.refresh_from_db()
    assert message.status == Status.SENT
    take(payload("first", context={"textback-message": str(message.pk)}), "sns-2")
    message.refresh_from_db()
    assert message.status == Status.DELIVERED


def test_an_event_that_comes_before_our_own_commit_waits_for_it(time: MovableTime) -> None:
    take(payload("abc"))
    message = standing(Status.SENT, carrier_message_id="abc")
    time.forward(1)
    delivery.apply_waiting()
    message.refresh_from_db()
    assert message.status == Status.DELIVERED


def test_an_event_that_nobody_takes_is_laid_aside_after_a_while(time: MovableTime) -> None:
    take(payload("abc"))
    assert DeliveryEvent.objects.get().applied_at is None
    time.forward(delivery.NOT_OURS_AFTER.total_seconds() + 1)
    delivery.apply_waiting()
    assert DeliveryEvent.objects.get().applied_at is not None


def test_a_machine_that_takes_long_commits_now_and_then(time: MovableTime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash in the middle undoes half a second's work, not a whole batch's."""
    apply = delivery._apply

    def slowly(event: DeliveryEvent) -> None:
        apply(event)
        time.forward(0.2)

    monkeypatch.setattr(delivery, "_apply", slowly)
    for n in range(8):
        standing(Status.SENT, carrier_message_id=f"abc-{n}")
        delivery.store([delivery.read(payload(f"abc-{n}"), sns_message_id=f"sns-{n}")])
    more, done = list[bool](), list[int]()
    while not more or more[-1]:
        more.append(delivery.apply_waiting())
        done.append(DeliveryEvent.objects.filter(applied_at__isnull=False).count())
    assert (more, done) == ([True, True, False], [3, 6, 8])


def test_an_event_is_applied_however_long_it_takes_to_find(time: MovableTime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_GOES_ON", timedelta(0))
    standing(Status.SENT, carrier_message_id="abc")
    take(payload("abc"))
    assert DeliveryEvent.objects.get().applied_at is not None


def test_a_redelivered_event_is_one_event() -> None:
    standing(Status.SENT, carrier_message_id="abc")
    take(payload("abc"))
    take(payload("abc"))
    assert DeliveryEvent.objects.count() == 1


def test_a_final_refusal_is_told_with_its_reason(number: OriginationIdentity) -> None:
    message = standing(Status.SENT, carrier_message_id="abc", reports_outcome=True)
    take(payload("abc", "TEXT_CARRIER_BLOCKED", messageStatusDescription="Blocked by the carrier"))
    message.refresh_from_db()
    assert (message.status, message.error_code, message.error_reason) == (
        Status.FAILED,
        "TEXT_CARRIER_BLOCKED",
        "Blocked by the carrier",
    )
    assert message.outcome_pending


@pytest.mark.parametrize(
    "broken",
    [{"eventTimestamp": None}, {"eventTimestamp": "soon"}, {"eventTimestamp": 10**30}, {"eventTimestamp": []}],
)
def test_an_event_that_cannot_be_read_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(delivery.Unreadable):
        delivery.read(payload("abc") | broken, sns_message_id="sns-1")


def test_the_time_of_a_status_is_the_events_not_ours() -> None:
    message = standing(Status.SENT, carrier_message_id="abc", seconds_ago=100)
    at = clock.now() - timedelta(seconds=50)
    take(payload("abc", eventTimestamp=int(at.timestamp() * 1000)))
    message.refresh_from_db()
    assert message.delivered_at is not None
    assert abs((message.delivered_at - at).total_seconds()) < 0.01


def test_pending_counts_as_accepted(number: OriginationIdentity) -> None:
    message = OutboundMessage.objects.get(pk=standing(Status.UNKNOWN).pk)
    take(payload("abc", "TEXT_PENDING", isFinal=False, context={"textback-message": str(message.pk)}))
    message.refresh_from_db()
    assert message.status == Status.SENT
