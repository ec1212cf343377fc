"""The database is away while texts are claimed, under way or answered: nobody spins, and no answer is forgotten."""

import itertools
import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import OperationalError, connections

from messaging import clock
from messaging.contracts import Draft, Submission
from messaging.models import DeliveryPolicy, OriginationIdentity, OutboundMessage, Status
from messaging.outbound import outbox
from messaging.outbound.answers import Answers, Late
from messaging.outbound.carriers.memory import Memory
from messaging.outbound.draining import Lane
from messaging.outbound.lanes import Drainer
from messaging.outbound.outbox import Result
from messaging.outbound.pacing import Pace
from tests.messaging.factories import standing
from tests.moving import MovableTime
from tests.workers import until

pytestmark = pytest.mark.django_db(transaction=True)

_keys = itertools.count()


def text_to(destination: str) -> OutboundMessage:
    return outbox.queue(Draft(destination, "Hello", idempotency_key=f"away:{next(_keys)}"))


def away(*_: object, **__: object) -> None:
    raise OperationalError("the server closed the connection")


def test_claims_that_are_too_old_and_cannot_be_given_back_are_tried_again_after_a_rest(
    number: OriginationIdentity, time: MovableTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    text_to("+14255550182")
    release, tries = outbox.release, []

    def released(messages: Sequence[OutboundMessage]) -> None:
        tries.append(clock.now())
        if len(tries) < 4:
            away()
        release(messages)

    monkeypatch.setattr(outbox, "release", released)
    monkeypatch.setattr(Lane, "too_old", lambda lane, *_: bool(lane.claimed) and len(tries) < 4)
    carrier = Memory()
    Drainer(carrier).run()
    assert len(carrier.sent) == 1
    assert len(tries) == 4
    rests = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert min(rests) >= timedelta(seconds=0.9), "in between it is left alone"


def test_answers_that_cannot_be_recorded_are_tried_again_after_a_rest(
    time: MovableTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Answers(Memory())
    lane = Lane("+14255550100", Pace(1000), under_way=100, parts_in_hand=300)
    heard.under_way = 101
    for _ in range(100):
        heard._arriving.put((lane, Result(OutboundMessage(parts=3))))
    heard.hear()
    monkeypatch.setattr(outbox, "record", away)
    with pytest.raises(OperationalError):
        heard.record()
    heard.put_off(timedelta(seconds=1))
    monkeypatch.setattr(outbox, "record", lambda results: {"recorded": timedelta(seconds=len(results))})
    assert heard.record() == {}, "however many there are"
    time.forward(1.1)
    assert heard.record() == {"recorded": timedelta(seconds=100)}
    assert (lane.parts_in_hand, lane.under_way) == (0, 0)


def test_the_end_writes_down_what_is_known_while_the_slowest_call_goes_on(
    number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    OriginationIdentity.objects.update(mps=1000)
    texts = [text_to(f"+1425555{n:04}") for n in range(3)]
    go_on = threading.Event()

    class OneHangs(Memory):
        def send(self, submission: Submission) -> str:
            if submission.message_id == texts[0].pk:
                until(lambda: len(self.sent) == 2)
                clock.request_stop()
                assert go_on.wait(30)
            return super().send(submission)

    def drain_then_close() -> None:
        try:
            Drainer(OneHangs()).run()
        finally:
            connections.close_all()

    drain = threading.Thread(target=drain_then_close)
    drain.start()
    try:
        until(lambda: OutboundMessage.objects.filter(status=Status.SENT).count() == 2)
    finally:
        go_on.set()
        drain.join()
    assert OutboundMessage.objects.filter(status=Status.SENT).count() == 3


def test_what_a_drain_could_not_write_down_is_written_later(
    number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = standing(Status.SENDING)
    record, tries = outbox.record, itertools.count()

    def recorded(results: Sequence[Result]) -> dict[str, timedelta]:
        if next(tries) < 3:
            away()
        return record(results)

    monkeypatch.setattr(outbox, "record", recorded)
    late = Late(seconds_between=0.01)
    late.take([Result(message, carrier_message_id="known")])
    until(lambda: OutboundMessage.objects.filter(status=Status.SENT, carrier_message_id="known").exists())
    late.take([Result(standing(Status.SENDING), carrier_message_id="another")])
    until(lambda: OutboundMessage.objects.filter(carrier_message_id="another").exists())


def test_a_claim_that_was_never_called_is_no_doubt_though_a_sweep_took_it_for_one() -> None:
    message = standing(Status.SENDING, seconds_ago=13, delivery_policy=DeliveryPolicy.AT_MOST_ONCE)
    outbox.mark_dead_calls_unknown(clock.now())
    outbox.release([message])
    message.refresh_from_db()
    assert (message.status, message.attempts, message.doubts) == (Status.QUEUED, 0, 0)
    assert (message.unknown_at, message.attempted_at) == (None, None)


def test_an_answer_that_is_written_down_late_keeps_the_text_from_being_sent_again() -> None:
    message = standing(Status.SENDING, seconds_ago=90)
    outbox.mark_dead_calls_unknown(clock.now())
    outbox.give_up_or_resend(clock.now())
    message.refresh_from_db()
    assert message.status == Status.UNKNOWN, "whoever has the answer is given a moment"
    outbox.give_up_or_resend(clock.now() + timedelta(seconds=6))
    message.refresh_from_db()
    assert message.status == Status.QUEUED
    outbox.record([Result(message, carrier_message_id="of the first call")])
    message.refresh_from_db()
    assert (message.status, message.carrier_message_id) == (Status.SENT, "of the first call")
