"""The carrier is slower than the inflow: only the queue grows, alerts overtake, and it drains afterwards."""

import time
from collections import Counter

import pytest

from messaging.contracts import Draft
from messaging.models import InboundMessage, Lane, OriginationIdentity, OutboundMessage, Priority, Status
from messaging.outbound import outbox
from messaging.simulator import Simulator
from tests.backpressure.running import START_SECONDS, WORKERS, Running
from tests.messaging.factories import ANN, BOB, OUR_NUMBER
from tests.workers import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

EVERYBODY = ("web", "clock", *WORKERS)
MPS = 10
SLOW_SECONDS = 3.0


def _campaign(texts: int) -> None:
    for number in range(texts):
        draft = Draft(
            # Nobody else of these tests.
            f"+1425555{1000 + number}",
            "A campaign",
            idempotency_key=f"campaign:{number}",
            priority=Priority.CAMPAIGN,
            delivery_policy="at_most_once",
        )
        outbox.queue(draft)


def _alert() -> None:
    outbox.queue(Draft(BOB, "An alert", idempotency_key="alert", priority=Priority.ALERT))


def _count(status: Status) -> int:
    return OutboundMessage.objects.filter(status=status).count()


def _sent_to() -> Counter[str]:
    return Counter(OutboundMessage.objects.values_list("status", flat=True))


def test_a_slow_carrier_leaves_texts_in_their_lane_and_alerts_before_them(
    running: Running, number: OriginationIdentity, simulator: Simulator
) -> None:
    OriginationIdentity.objects.update(mps=MPS)
    running.start(*EVERYBODY)
    until(lambda: running.get("/readyz")[0] == 200, START_SECONDS)
    simulator.faults.set("delay", seconds=SLOW_SECONDS)
    # More than leave while the rest of this is seen, however slow this machine is.
    _campaign(200)
    until(lambda: _count(Status.SENDING) >= MPS // 2, 60)

    under_way = []
    _alert()
    before_the_alert = len(simulator.sent)
    ends_at = time.monotonic() + 2 * SLOW_SECONDS
    while time.monotonic() < ends_at:
        under_way.append(_count(Status.SENDING))
        time.sleep(0.05)
    assert max(under_way) <= MPS, "what a crash leaves unknown is a second's worth, and memory holds no more"
    shown = running.get("/readyz")
    assert shown[0] == 200, "a queue is no trouble"
    assert shown[1]["unsent_by_priority"]["campaign"] > 0
    assert shown[1]["seconds_to_drain"] > 0
    # The web answers, and a reply waits for its turn only, not for the campaign.
    assert simulator.text(ANN, OUR_NUMBER, "HELP") == [200]

    until(lambda: BOB in [sent.destination for sent in simulator.sent], 40)
    until(lambda: ANN in [sent.destination for sent in simulator.sent], 40)
    order = [sent.destination for sent in simulator.sent]
    # Claimed before it, or under way: two seconds' worth at most.
    assert order.index(BOB) <= before_the_alert + 2 * MPS
    assert _count(Status.QUEUED) > 0, "both overtook the campaign"

    simulator.faults.clear()
    until(lambda: _sent_to() == {"sent": 202}, 180)
    assert set(Counter(sent.destination for sent in simulator.sent).values()) == {1}
    until(lambda: running.get("/readyz")[1]["seconds_to_drain"] == 0, 30)
    assert not InboundMessage.objects.filter(routed_at__isnull=True).exists()


def test_a_carrier_that_throttles_is_spared_and_nothing_is_in_doubt(
    running: Running, number: OriginationIdentity, simulator: Simulator
) -> None:
    OriginationIdentity.objects.update(mps=MPS)
    running.start(*EVERYBODY)
    until(lambda: running.get("/readyz")[0] == 200, START_SECONDS)
    simulator.faults.set("throttle")
    _campaign(30)
    _alert()
    time.sleep(5)
    asked = len(simulator.requests)
    assert simulator.sent == []
    assert asked <= 3 * MPS, "a carrier in trouble is not hammered"
    assert _count(Status.UNKNOWN) == 0
    assert not Lane.objects.filter(paused_at__isnull=False).exists()
    assert running.get("/readyz")[1]["oldest_unsent_seconds_by_priority"]["alert"] > 3

    simulator.faults.clear()
    until(lambda: _sent_to() == {"sent": 31}, 120)
    sent = [text.destination for text in simulator.sent]
    assert sent.index(BOB) <= MPS
    assert set(Counter(sent).values()) == {1}
