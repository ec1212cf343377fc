"""A deploy in mid-batch: a sender that is asked to end leaves nothing in doubt, and the next one goes on."""

import signal
import time
from typing import Any

import pytest
from django.db import connection

from messaging import wakeups
from messaging.contracts import Draft
from messaging.models import OriginationIdentity, OutboundMessage, Priority, Status
from messaging.outbound import outbox
from messaging.simulator import Simulator
from tests.compose.test_kubernetes import DEPLOYMENTS
from tests.redis_server import RedisServer
from tests.workers import until, worker_process

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

TEXTS = 60


@pytest.fixture
def texts(simulator: Simulator, number: OriginationIdentity) -> None:
    """A campaign whose every call lasts seconds, so that many are under way at whatever moment."""
    simulator.faults.set("delay", seconds=3)
    for n in range(TEXTS):
        outbox.queue(
            Draft(
                f"+1425555{1000 + n}",
                "A shift is free",
                idempotency_key=f"campaign:{n}",
                delivery_policy="at_most_once",
                priority=Priority.CAMPAIGN,
            )
        )


def statuses() -> dict[str, int]:
    found: dict[str, int] = {}
    for status in OutboundMessage.objects.values_list("status", flat=True):
        found[status] = found.get(status, 0) + 1
    return found


def _swept() -> dict[str, int]:
    """As the clock does: a wake-up grows stale before a worker on a busy machine has started."""
    wakeups.wake_now("lanes")
    return statuses()


@pytest.mark.usefixtures("texts")
def test_nothing_becomes_unknown(simulator: Simulator, redis_server: RedisServer) -> None:
    spec: Any = DEPLOYMENTS["sender"]["spec"]["template"]["spec"]
    with worker_process(redis_server, "lanes") as first:
        until(lambda: _swept().get(Status.SENDING, 0) > 5, 120)
        first.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert first.wait(120) == 0
        took = time.monotonic() - began
    after = statuses()
    # What was under way has its answer in the database, what was not is queued again: nobody knows of none.
    assert after.keys() <= {Status.SENT, Status.QUEUED}, after
    assert after[Status.SENT] == len(simulator.sent) >= 1
    assert after.get(Status.QUEUED), "it was in mid-batch"
    # As the cluster has it, with this machine busy with other tests meanwhile.
    assert took < spec["terminationGracePeriodSeconds"]
    simulator.faults.clear()
    connection.close()
    with worker_process(redis_server, "lanes"):
        until(lambda: _swept() == {Status.SENT: TEXTS}, 240)
    assert len(simulator.sent) == len({sent.destination for sent in simulator.sent}) == TEXTS
