"""Draining lanes through the real boto3 to the simulator."""

import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError

from messaging import clock
from messaging.contracts import Draft, Submission
from messaging.models import Lane, OriginationIdentity, OutboundMessage, Priority, Status
from messaging.outbound import leases, outbox
from messaging.outbound.carriers.memory import Memory
from messaging.outbound.lanes import Drainer
from messaging.outbound.pacing import WINDOW, Pace, Start
from messaging.simulator import Simulator
from tests.moving import MovableTime

pytestmark = pytest.mark.django_db(transaction=True)

_keys = itertools.count()


def text_to(destination: str, body: str = "Hello", **fields: object) -> OutboundMessage:
    return outbox.queue(Draft(destination, body, idempotency_key=f"test:{next(_keys)}", **fields))  # type: ignore[arg-type]


def test_a_queued_text_is_sent_and_has_the_carriers_message_id(
    simulator: Simulator, number: OriginationIdentity, time: MovableTime
) -> None:
    message = text_to("+14255550182")
    Drainer().run()
    message.refresh_from_db()
    assert [sent.body for sent in simulator.sent] == ["Hello"]
    assert (message.status, message.carrier_message_id) == (Status.SENT, simulator.sent[0].message_id)
    assert simulator.sent[0].context["textback-message"] == str(message.pk)


def test_alerts_overtake_a_campaign(simulator: Simulator, number: OriginationIdentity, time: MovableTime) -> None:
    OriginationIdentity.objects.update(mps=1)
    for n in range(5):
        text_to(f"+1425555020{n}", "campaign", priority=Priority.CAMPAIGN)
    text_to("+14255550182", "alert", priority=Priority.ALERT)
    Drainer().run()
    assert [sent.body for sent in simulator.sent] == ["alert"] + ["campaign"] * 5


@pytest.mark.parametrize("mps", [1, 3, 20])
def test_never_more_parts_than_the_mps_in_any_second(
    simulator: Simulator,
    number: OriginationIdentity,
    time: MovableTime,
    monkeypatch: pytest.MonkeyPatch,
    mps: int,
) -> None:
    OriginationIdentity.objects.update(mps=mps)
    starts: list[float] = []
    start = Pace.start

    def noted(pace: Pace, at: float, parts: int) -> Start:
        # The moments at which calls are begun; when they arrive depends on how busy the machine is.
        starts.append(at)
        return start(pace, at, parts)

    monkeypatch.setattr(Pace, "start", noted)
    for n in range(mps * 3):
        text_to(f"+1425555{n:04}")
    Drainer().run()
    assert len(simulator.sent) == len(starts) == mps * 3
    assert all(later - first >= 1.0 for first, later in zip(starts, starts[mps:], strict=False))
    # Time goes on by itself as well; the pace is measured by `make bench`.
    assert starts[-1] - starts[0] <= 2 * WINDOW + 10.0


def test_a_drained_lane_is_free_for_whoever_comes_next(
    simulator: Simulator, number: OriginationIdentity, time: MovableTime
) -> None:
    text_to("+14255550182")
    Drainer().run()
    lane = Lane.objects.get()
    assert (lane.lease_owner, lane.lease_expires_at) == ("", None)


def test_one_recipient_gets_one_text_a_second(
    simulator: Simulator, number: OriginationIdentity, time: MovableTime
) -> None:
    for n in range(3):
        text_to("+14255550182", f"text {n}")
    Drainer().run()
    starts = [sent.at for sent in simulator.sent]
    assert [sent.body for sent in simulator.sent] == ["text 0", "text 1", "text 2"]
    assert all(later - first >= 1.0 for first, later in itertools.pairwise(starts))


def test_queueing_the_same_key_twice_sends_once(
    simulator: Simulator, number: OriginationIdentity, time: MovableTime
) -> None:
    draft = Draft("+14255550182", "Hello", idempotency_key="once")
    assert outbox.queue(draft) == outbox.queue(draft)
    Drainer().run()
    assert Counter(sent.body for sent in simulator.sent) == {"Hello": 1}


class StopsTheProcess(Memory):
    """Asks its process to end with the first text it is given."""

    def send(self, submission: Submission) -> str:
        clock.request_stop()
        return super().send(submission)


def test_a_drain_that_is_asked_to_end_gives_back_what_it_has_not_sent(number: OriginationIdentity) -> None:
    OriginationIdentity.objects.update(mps=20)
    for n in range(10):
        text_to(f"+1425555{n:04}")
    carrier = StopsTheProcess()
    Drainer(carrier).run()
    sent = OutboundMessage.objects.filter(status=Status.SENT).count()
    assert 1 <= sent == len(carrier.sent) < 10
    assert OutboundMessage.objects.filter(status=Status.QUEUED, attempts=0).count() == 10 - sent
    assert Lane.objects.get().lease_owner == "", "nobody need wait for the lease to run out"


def test_what_a_lost_lane_had_claimed_goes_back_at_once(
    number: OriginationIdentity, time: MovableTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    class LosesItsLane(Memory):
        def send(self, submission: Submission) -> str:
            # Long enough for the lease to be renewed, which finds that it is somebody else's.
            monkeypatch.setattr(leases, "take", lambda *_: False)
            time.forward(3)
            return super().send(submission)

    OriginationIdentity.objects.update(mps=20)
    for n in range(10):
        text_to(f"+1425555{n:04}")
    began = clock.now()
    carrier = LosesItsLane()
    Drainer(carrier).run()
    left = OutboundMessage.objects.filter(status=Status.QUEUED, attempts=0).count()
    assert len(carrier.sent) + left == 10, "none is left claimed, to be taken for a dead call"
    assert left > 0
    assert (clock.now() - began).total_seconds() < 3 * len(carrier.sent) + 5, "and nobody waits out the slice for it"


def test_answers_outlast_a_database_that_is_away_for_a_moment(
    number: OriginationIdentity, time: MovableTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    OriginationIdentity.objects.update(mps=20)
    for n in range(10):
        text_to(f"+1425555{n:04}")
    record, release, failures = outbox.record, outbox.release, iter(range(3))

    def away_then(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            if next(failures, None) is not None:
                raise OperationalError("the server closed the connection")
            return function(*arguments)

        return call

    monkeypatch.setattr(outbox, "record", away_then(record))
    monkeypatch.setattr(outbox, "release", away_then(release))
    carrier = Memory()
    Drainer(carrier).run()
    assert OutboundMessage.objects.filter(status=Status.SENT).count() == len(carrier.sent) == 10
    assert not OutboundMessage.objects.exclude(status=Status.SENT).exists()


def test_each_call_stamps_its_own_start(
    number: OriginationIdentity, time: MovableTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[float] = []
    monkeypatch.setattr(Start, "began", lambda start, at: began.append(at))
    for n in range(3):
        text_to(f"+1425555{n:04}")
    Drainer(Memory()).run()
    assert len(began) == 3
