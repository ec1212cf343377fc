"""10,000 inbound texts in a minute: all stored, all routed, few jobs, and an incident's YES in the middle of them.

The suite pours a few hundred. `FLOOD=10000 pytest tests/backpressure/test_flood.py -s` pours that many at the same
pace, and prints what was seen.
"""

import os
import threading
import time
from collections import Counter

import pytest
from django.db import connections
from rq import Worker

from incidents import lifecycle
from incidents.models import Incident
from messaging import redis
from messaging.models import InboundMessage, OriginationIdentity, OutboundMessage
from messaging.simulator import Simulator
from tests.backpressure.flood import Flood, watched
from tests.backpressure.running import START_SECONDS, WORKERS, Running
from tests.house import QUEUES
from tests.messaging.factories import ANN, BOB, OUR_NUMBER
from tests.workers import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

EVERYBODY = ("web", "clock", *WORKERS)
FEW = 300
# 10,000 in a minute.
PER_SECOND = 10_000 / 60


def _open_incident() -> None:
    lifecycle.open_incident(
        lifecycle.Request(
            incident_id="flooded", description="Flood", first_contact=ANN, second_contact=BOB, wait_seconds=900
        ),
        actor="monitoring",
    )


def _jobs_done() -> int:
    return sum(worker.successful_job_count for worker in Worker.all(connection=redis.client()))


def test_a_flood_before_any_worker_is_there_is_stored_shown_and_dealt_with_by_a_few_jobs(
    running: Running, number: OriginationIdentity, simulator: Simulator
) -> None:
    running.start("web")
    until(lambda: running.get("/healthz")[0] == 200, START_SECONDS)
    flood = Flood(simulator, FEW, per_second=10_000)
    flood.pour()
    assert flood.statuses[200] == FEW
    # On a busy machine a post may have no answer; SNS sends it again, as here.
    assert set(flood.statuses) <= {0, 200}
    assert InboundMessage.objects.filter(routed_at__isnull=True).count() == FEW
    # One wake-up at a time; the mark of one that nobody took lasts some seconds.
    assert sum(len(redis.queue(name)) for name in QUEUES) <= 1 + FEW / 10
    shown = running.get("/readyz")[1]
    assert shown["unrouted"] == FEW
    assert shown["oldest_unrouted_seconds"] > 0

    running.start("clock", *WORKERS)
    until(lambda: not InboundMessage.objects.filter(routed_at__isnull=True).exists(), 60)
    until(lambda: len(simulator.sent) == FEW // 2, 60)
    assert set(Counter(sent.destination for sent in simulator.sent).values()) == {1}
    assert _jobs_done() < FEW / 2
    until(lambda: running.get("/readyz")[1]["oldest_unrouted_seconds"] == 0, 10)
    assert running.get("/readyz")[1]["unrouted"] == 0
    assert running.alive(*EVERYBODY)


@pytest.mark.skipif("FLOOD" not in os.environ, reason="FLOOD=10000 pours that many; it takes minutes")
def test_a_real_flood(running: Running, number: OriginationIdentity, simulator: Simulator) -> None:
    texts = int(os.environ["FLOOD"])
    OriginationIdentity.objects.update(mps=1000)
    running.start(*EVERYBODY)
    until(lambda: running.get("/readyz")[0] == 200, START_SECONDS)
    _open_incident()
    until(lambda: len(simulator.sent) == 1)
    jobs, cpu, begin = _jobs_done(), running.cpu_seconds(*EVERYBODY), time.monotonic()
    acknowledged: list[float] = []

    def say_yes_in_the_middle() -> None:
        time.sleep(texts / PER_SECOND / 2)
        said = time.monotonic()
        assert simulator.text(ANN, OUR_NUMBER, "YES") == [200]
        until(lambda: Incident.objects.filter(status="acknowledged").exists(), 600)
        acknowledged.append(time.monotonic() - said)

    def ann() -> None:
        try:
            say_yes_in_the_middle()
        finally:
            connections.close_all()

    with watched(running) as seen:
        flood = Flood(simulator, texts, per_second=PER_SECOND)
        thread = threading.Thread(target=ann)
        thread.start()
        poured = flood.pour()
        thread.join()
        until(lambda: not InboundMessage.objects.filter(routed_at__isnull=True).exists(), 600)
        routed = time.monotonic() - begin
        until(lambda: len(simulator.sent) >= texts // 2 + 2, 600)
        answered = time.monotonic() - begin
    until(lambda: running.get("/readyz")[1]["oldest_unrouted_seconds"] == 0, 10)
    print(
        f"\n{texts} texts poured in {poured:.0f} s (latest {flood.latest_start:.1f} s behind), statuses"
        f" {dict(flood.statuses)}; all routed after {routed:.0f} s, all replies at the carrier after {answered:.0f} s;"
        f" oldest unrouted at most {max(age for _, age, _ in seen):.1f} s; YES acknowledged after"
        f" {acknowledged[0]:.1f} s; {_jobs_done() - jobs} jobs;"
        f" {running.cpu_seconds(*EVERYBODY) - cpu:.0f} s of processor time;"
        f" /readyz took {max(took for took, _, _ in seen):.2f} s at most, statuses"
        f" {dict(Counter(status for _, _, status in seen))}"
    )
    # On a busy machine a post may have no answer; SNS sends it again, as here.
    assert set(flood.statuses) <= {0, 200}
    # Whoever answers in the middle of it waits no longer than the oldest text did.
    assert acknowledged[0] <= max(age for _, age, _ in seen) + 5
    assert _jobs_done() - jobs < texts / 2
    assert InboundMessage.objects.count() == texts + 1
    copies = Counter(OutboundMessage.objects.values_list("destination_phone_number", flat=True))
    assert all(count == 1 for phone, count in copies.items() if phone not in (ANN, BOB))
    sent = Counter(sent.destination for sent in simulator.sent)
    assert all(count == 1 for phone, count in sent.items() if phone not in (ANN, BOB))
    assert running.alive(*EVERYBODY)
