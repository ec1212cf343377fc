"""What we keep in Redis does not grow with the texts, and what fails does not pile up there."""

import pytest
from redis import Redis
from rq import Queue

from config.processes.worker import FAILURES_ARE_KEPT_SECONDS, Worker
from messaging import clock, jobs, redis, registry, wakeups
from messaging.models import OriginationIdentity
from tests.house import QUEUES
from tests.messaging.factories import queued, received
from tests.redis_server import RedisServer

pytestmark = pytest.mark.django_db(transaction=True)


class _Fails:
    name, queue = "lanes", "lanes"

    def is_due(self, now: object) -> bool:
        return True

    def run(self) -> None:
        raise RuntimeError("it fails at each wake-up")


def _work_in_bursts(redis_server: RedisServer) -> None:
    # Queues of its own: a worker makes their connection wait for Redis for ever, and the house's is shared.
    with Redis.from_url(redis_server.url) as connection:
        queues = [Queue(name, connection=connection) for name in QUEUES]
        Worker(queues, connection=connection).work(burst=True, logging_level="CRITICAL")


def test_a_thousand_waiting_texts_are_a_few_keys(number: OriginationIdentity) -> None:
    for count in range(200):
        queued(f"+1425555{count:04}")
        received("HELP", f"+1425555{count:04}")
        wakeups.wake_now("inbound")
    wakeups.wake_at("inbound", clock.now())
    jobs.sweep()
    # A mark and a job for each list, the queues, and the trace of the sweep.
    assert redis.client().dbsize() < 30


def test_jobs_that_fail_are_forgotten_within_a_minute(
    monkeypatch: pytest.MonkeyPatch, redis_server: RedisServer
) -> None:
    monkeypatch.setattr(registry, "work_lists", lambda: {"lanes": _Fails()})
    for _ in range(3):
        wakeups.wake_now("lanes")
        _work_in_bursts(redis_server)
    failed = [key for key in redis.client().keys("rq:job:*") if redis.client().hget(key, "status") == b"failed"]
    assert len(failed) == 3
    assert all(0 < redis.client().ttl(key) <= FAILURES_ARE_KEPT_SECONDS for key in failed)


def test_jobs_that_succeed_leave_nothing(redis_server: RedisServer) -> None:
    before = redis.client().keys("rq:job:*")
    wakeups.wake_now("inbound")
    _work_in_bursts(redis_server)
    assert redis.client().keys("rq:job:*") == before
