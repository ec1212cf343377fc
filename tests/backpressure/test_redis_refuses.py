"""Redis takes no writes: texts, replies and timers go on without wake-ups, nobody dies, and it all ends by itself."""

from collections.abc import Callable, Iterator

import pytest
from redis import Redis
from redis.exceptions import RedisError

from incidents import lifecycle
from messaging import redis
from messaging.models import InboundMessage
from messaging.simulator import Simulator
from tests.backpressure.running import START_SECONDS, WORKERS, Running
from tests.messaging.factories import ANN, BOB, OUR_NUMBER
from tests.redis_server import RedisServer
from tests.workers import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

EVERYBODY = ("web", "clock", *WORKERS)


def _memory_is_full(server: Redis) -> None:
    server.config_set("maxmemory-policy", "noeviction")
    server.config_set("maxmemory", 1)


def _it_is_a_replica(server: Redis) -> None:
    # Of nobody: the port of discarded traffic.
    server.execute_command("REPLICAOF", "127.0.0.1", "9")


def _its_disk_fails(server: Redis) -> None:
    server.config_set("dir", "/proc")
    server.bgsave()
    until(lambda: server.info("persistence")["rdb_last_bgsave_status"] == "err")
    server.config_set("stop-writes-on-bgsave-error", "yes")
    server.config_set("save", "3600 1")


REFUSALS = [_memory_is_full, _it_is_a_replica, _its_disk_fails]


def _mend(server: Redis) -> None:
    server.config_set("save", "")
    server.config_set("stop-writes-on-bgsave-error", "no")
    server.config_set("maxmemory", 0)
    server.execute_command("REPLICAOF", "NO", "ONE")


@pytest.fixture
def server(redis_server: RedisServer) -> Iterator[Redis]:
    with Redis.from_url(redis_server.url) as server:
        yield server
        _mend(server)


@pytest.mark.parametrize("refuse", REFUSALS)
def test_every_way_to_refuse_is_known_as_one(server: Redis, refuse: Callable[[Redis], None]) -> None:
    script = server.register_script("return redis.call('set', KEYS[1], 1)")
    refuse(server)
    with pytest.raises(RedisError) as plain:
        server.set("textback:test", 1)
    with pytest.raises(RedisError) as scripted:
        script(keys=["textback:test"])
    pipeline = server.pipeline()
    pipeline.hset("textback:hash", "a", 1)
    pipeline.delete("textback:other")
    with pytest.raises(RedisError) as piped:
        pipeline.execute()
    assert [redis.refuses(caught.value) for caught in (plain, scripted, piped)] == [True] * 3


@pytest.mark.parametrize("refuse", REFUSALS)
def test_texts_replies_and_timers_go_on_while_redis_takes_no_writes(
    running: Running, simulator: Simulator, server: Redis, refuse: Callable[[Redis], None]
) -> None:
    running.start(*EVERYBODY)
    until(lambda: running.get("/readyz")[0] == 200, START_SECONDS)
    refuse(server)

    lifecycle.open_incident(
        lifecycle.Request(
            incident_id="full", description="Redis is full", first_contact=ANN, second_contact=BOB, wait_seconds=2
        ),
        actor="monitoring",
    )
    until(lambda: [sent.destination for sent in simulator.sent] == [ANN], 15)
    until(lambda: "Reminder" in simulator.sent[-1].body, 15)
    assert simulator.text(BOB, OUR_NUMBER, "HELP") == [200]
    until(lambda: BOB in [sent.destination for sent in simulator.sent], 15)
    assert InboundMessage.objects.filter(routed_at__isnull=True).count() == 0
    status, found = running.get("/readyz")
    assert status == 503
    assert ["Redis takes no writes" in problem for problem in found["problems"]] == [True]
    assert running.alive(*EVERYBODY)

    _mend(server)
    until(lambda: running.get("/readyz")[0] == 200, 20)
    assert running.alive(*EVERYBODY)
    texts = [sent.body for sent in simulator.sent if sent.destination == ANN and "is full" in sent.body]
    assert len(texts) == len(set(texts)), "nothing was sent twice"


def test_whoever_is_started_while_redis_takes_no_writes_waits_and_works(
    running: Running, simulator: Simulator, server: Redis
) -> None:
    _memory_is_full(server)
    running.start(*EVERYBODY)
    until(lambda: running.get("/healthz")[0] == 200, START_SECONDS)
    assert simulator.text(ANN, OUR_NUMBER, "HELP") == [200]
    until(lambda: simulator.sent, 20)
    before = running.cpu_seconds(*WORKERS, "clock")
    until(lambda: running.log("clock"), 10)
    _mend(server)
    until(lambda: running.get("/readyz")[0] == 200, 20)
    assert running.alive(*EVERYBODY)
    assert running.cpu_seconds(*WORKERS, "clock") - before < 10, "nobody spins"


def test_a_redis_that_is_away_is_not_missed(running: Running, simulator: Simulator, redis_server: RedisServer) -> None:
    running.start(*EVERYBODY)
    until(lambda: running.get("/readyz")[0] == 200, START_SECONDS)
    redis_server.kill()
    try:
        assert simulator.text(ANN, OUR_NUMBER, "HELP") == [200]
        until(lambda: simulator.sent, 15)
    finally:
        redis_server.start()
    until(lambda: running.get("/readyz")[0] == 200, 20)
    assert running.alive(*EVERYBODY)
    assert len(simulator.sent) == 1
