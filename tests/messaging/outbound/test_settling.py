"""Calls that never got an answer, by the policy of their class."""

from datetime import timedelta

import pytest

from messaging import clock
from messaging.models import DeliveryPolicy, OriginationIdentity, OutboundMessage, Status
from messaging.outbound import outbox, retry
from messaging.outbound.carriers.base import CarrierError, Fate
from messaging.work import Unsettled
from tests.messaging.factories import standing

pytestmark = pytest.mark.django_db


def status_of(message: OutboundMessage) -> str:
    message.refresh_from_db()
    return message.status


def test_a_call_under_way_is_left_alone() -> None:
    message = standing(Status.SENDING, seconds_ago=11.8)
    outbox.mark_dead_calls_unknown(clock.now())
    assert status_of(message) == Status.SENDING


def test_a_call_whose_process_died_becomes_unknown_within_fifteen_seconds() -> None:
    message = standing(Status.SENDING, seconds_ago=13)
    outbox.mark_dead_calls_unknown(clock.now())
    assert status_of(message) == Status.UNKNOWN
    # The sweep comes every two seconds.
    assert retry.CLAIM_IS_DEAD_AFTER + timedelta(seconds=2) < timedelta(seconds=15)


@pytest.mark.parametrize(
    ("policy", "doubts", "seconds", "becomes"),
    [
        (DeliveryPolicy.AT_LEAST_ONCE, 1, 59, Status.UNKNOWN),
        (DeliveryPolicy.AT_LEAST_ONCE, 1, 61, Status.QUEUED),
        (DeliveryPolicy.AT_LEAST_ONCE, 2, 61, Status.QUEUED),
        (DeliveryPolicy.AT_LEAST_ONCE, 3, 61, Status.FAILED),
        (DeliveryPolicy.AT_MOST_ONCE, 1, 61, Status.UNKNOWN),
        (DeliveryPolicy.AT_MOST_ONCE, 1, 86_400, Status.UNKNOWN),
    ],
)
def test_what_becomes_of_an_unknown_text(policy: str, doubts: int, seconds: int, becomes: Status) -> None:
    message = standing(Status.UNKNOWN, seconds_ago=seconds, delivery_policy=policy, attempts=9, doubts=doubts)
    outbox.give_up_or_resend(clock.now())
    assert status_of(message) == becomes


def test_a_late_answer_does_not_undo_a_second_attempt(number: OriginationIdentity) -> None:
    first = standing(Status.SENDING, seconds_ago=1)
    OutboundMessage.objects.filter(pk=first.pk).update(attempts=2)
    outbox.record([outbox.Result(first, carrier_message_id="answer of the first attempt")])
    assert status_of(first) == Status.SENDING


def test_a_text_whose_time_has_passed_expires_in_a_lane_that_nobody_drains(number: OriginationIdentity) -> None:
    message = standing(Status.QUEUED, expires_at=clock.now(), reports_outcome=True)
    OriginationIdentity.objects.update(active=False)
    assert Unsettled().is_due(clock.now())
    Unsettled().run()
    assert status_of(message) == Status.EXPIRED
    assert message.outcome_pending


def test_one_answer_that_cannot_be_recorded_does_not_take_its_batch_with_it(number: OriginationIdentity) -> None:
    standing(Status.SENT, carrier_message_id="known")
    good, bad = standing(Status.SENDING), standing(Status.SENDING)
    outbox.record([outbox.Result(bad, "known"), outbox.Result(good, "new")])
    assert (status_of(good), status_of(bad)) == (Status.SENT, Status.SENDING)


REFUSED = CarrierError(Fate.REFUSED, "ThrottlingException")


@pytest.mark.parametrize("policy", DeliveryPolicy.values)
def test_a_refusal_that_is_recorded_late_ends_the_doubt(number: OriginationIdentity, policy: str) -> None:
    message = standing(Status.SENDING, seconds_ago=13, delivery_policy=policy)
    outbox.mark_dead_calls_unknown(clock.now())
    outbox.record([outbox.Result(message, error=REFUSED)])
    assert status_of(message) == Status.QUEUED
    assert (message.doubts, message.unknown_at) == (0, None)


def test_a_refusal_in_time_is_no_doubt(number: OriginationIdentity) -> None:
    message = standing(Status.SENDING, doubts=1)
    outbox.record([outbox.Result(message, error=REFUSED)])
    assert status_of(message) == Status.QUEUED
    assert message.doubts == 1, "that of an earlier attempt"


def test_what_is_given_back_late_is_left_to_whoever_has_claimed_it_since(number: OriginationIdentity) -> None:
    stale, own = standing(Status.SENDING), standing(Status.SENDING)
    OutboundMessage.objects.filter(pk=stale.pk).update(attempts=2)
    outbox.release([stale, own])
    assert (status_of(stale), status_of(own)) == (Status.SENDING, Status.QUEUED)
    assert (stale.attempts, own.attempts, own.attempted_at) == (2, 0, None)
