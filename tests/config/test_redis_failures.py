"""Workers, their schedulers and the clock go on when Redis is restarted, emptied or away, and end when told to."""

import datetime
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from redis import Redis
from rq import Queue
from rq.cron import CronScheduler
from rq.scheduler import RQScheduler
from rq.worker import BaseWorker

from config.processes.worker import Worker
from tests.config.marks import leave_a_mark, work_until_asked_to_stop
from tests.config.supervised import BASE, is_alive, kill, wait_for
from tests.redis_server import RedisServer

Run = Callable[[str], psutil.Popen]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    """A Redis that no other test misses while it is away."""
    with RedisServer() as server:
        yield server


@pytest.fixture
def redis(server: RedisServer) -> Iterator[Redis]:
    with Redis.from_url(server.url) as connection:
        connection.flushall()
        yield connection


@pytest.fixture
def run(server: RedisServer, tmp_path: Path) -> Iterator[Run]:
    started: list[psutil.Popen] = []

    def start(kind: str) -> psutil.Popen:
        environment = {"PATH": os.environ["PATH"], "REDIS_URL": server.url, "SECRET_KEY": "for tests only"}
        environment |= {"DATABASE_URL": f"sqlite:///{tmp_path}/db", "DJANGO_SETTINGS_MODULE": "config.settings"}
        with (tmp_path / "errors").open("ab") as errors:
            process = psutil.Popen(
                [sys.executable, "-m", "tests.config.rq_processes", kind],
                cwd=BASE,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        family = [process, *process.children(recursive=True)] if is_alive(process) else []
        for member in family:
            kill(member)
        process.wait()


def at_work(redis: Redis) -> bool:
    """Whether a worker and its scheduler are there."""
    return bool(BaseWorker.all(connection=redis)) and bool(redis.keys("rq:scheduler:*"))


def marks(redis: Redis, name: str) -> int:
    return int(redis.llen(name))


def enqueue(redis: Redis, name: str) -> None:
    Queue("default", connection=redis).enqueue(leave_a_mark, name, result_ttl=0)


def schedule(redis: Redis, name: str) -> None:
    when = datetime.datetime.now(datetime.UTC)
    Queue("timers", connection=redis).enqueue_at(when, leave_a_mark, name, result_ttl=0)


@pytest.mark.parametrize("failure", ["restart", "flush"])
def test_worker_and_scheduler_go_on(server: RedisServer, redis: Redis, run: Run, failure: str) -> None:
    worker = run("worker")
    wait_for(lambda: at_work(redis))
    (scheduler,) = worker.children()
    server.restart() if failure == "restart" else redis.flushall()
    enqueue(redis, "job")
    schedule(redis, "timer")
    wait_for(lambda: marks(redis, "job"), 3)
    wait_for(lambda: marks(redis, "timer"), 3)
    # Registered again, whole: with its queues and its state, not only a heartbeat.
    wait_for(lambda: at_work(redis), 6)
    (known,) = BaseWorker.all(connection=redis)
    assert known.pid == worker.pid
    assert known.queue_names() == ["timers", "default"]
    assert is_alive(worker)
    assert is_alive(scheduler)


def test_a_redis_away_for_a_while_is_waited_for(server: RedisServer, redis: Redis, run: Run) -> None:
    worker = run("worker")
    wait_for(lambda: at_work(redis))
    (scheduler,) = worker.children()
    server.kill()
    time.sleep(2)
    assert is_alive(worker)
    assert is_alive(scheduler)
    server.start()
    enqueue(redis, "job")
    schedule(redis, "timer")
    wait_for(lambda: marks(redis, "job") and marks(redis, "timer"), 3)


def test_a_worker_waits_for_redis_without_end(server: RedisServer) -> None:
    # Proved by its settings: the outage that would tell it from the client's own retries lasts too long for a test.
    with Redis.from_url(server.url) as connection:
        Worker([Queue("default", connection=connection)], connection=connection)
        retry = connection.get_retry()
        assert retry is not None
        assert retry.get_retries() == -1


def test_an_idle_worker_ends_within_two_seconds(redis: Redis, run: Run) -> None:
    worker = run("worker")
    wait_for(lambda: at_work(redis))
    (scheduler,) = worker.children()
    worker.terminate()
    assert worker.wait(2) == 0
    assert not is_alive(scheduler)
    assert not BaseWorker.all_keys(connection=redis)
    assert not redis.keys("rq:scheduler*")


def test_a_worker_ends_within_two_seconds_while_redis_is_away(server: RedisServer, redis: Redis, run: Run) -> None:
    worker = run("worker")
    wait_for(lambda: at_work(redis))
    server.kill()
    time.sleep(0.7)
    worker.terminate()
    worker.wait(2)
    server.start()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_busy_worker_tells_its_job_and_finishes_it(redis: Redis, run: Run, number: signal.Signals) -> None:
    worker = run("worker")
    wait_for(lambda: at_work(redis))
    job = Queue("default", connection=redis).enqueue(work_until_asked_to_stop, "begun", result_ttl=60)
    wait_for(lambda: marks(redis, "begun"))
    worker.send_signal(number)
    assert worker.wait(3) == 0
    assert job.get_status(refresh=True) == "finished"


def test_a_killed_scheduler_is_started_again(redis: Redis, run: Run) -> None:
    worker = run("worker")
    wait_for(lambda: at_work(redis))
    (scheduler,) = worker.children()
    kill(scheduler)
    wait_for(lambda: [child for child in worker.children() if child.pid != scheduler.pid and is_alive(child)], 7)


def test_the_scheduler_ends_with_a_killed_worker_and_another_takes_over(redis: Redis, run: Run) -> None:
    worker = run("worker")
    wait_for(lambda: redis.get(RQScheduler.get_locking_key("timers")))
    (scheduler,) = worker.children()
    other = run("worker")
    wait_for(lambda: len(redis.keys("rq:scheduler:*")) == 2)
    kill(worker)
    wait_for(lambda: not is_alive(scheduler), 2)
    schedule(redis, "timer")
    wait_for(lambda: marks(redis, "timer"), 16)
    assert redis.lrange("timer", 0, -1) == [str(other.pid).encode()]


@pytest.mark.parametrize("failure", ["restart", "flush", "away"])
def test_the_clock_goes_on(server: RedisServer, redis: Redis, run: Run, failure: str) -> None:
    clock = run("clock")
    queue = Queue("default", connection=redis)
    wait_for(lambda: queue.count)
    match failure:
        case "restart":
            server.restart()
        case "away":
            server.kill()
            time.sleep(1.2)
            server.start()
        case "flush":
            redis.flushall()
    wait_for(lambda: queue.count, 3)
    wait_for(lambda: CronScheduler.all(redis), 3)
    assert is_alive(clock)
    clock.terminate()
    assert clock.wait(2) == 0


def test_sweeps_that_nobody_runs_expire(redis: Redis, run: Run) -> None:
    run("clock")
    queue = Queue("default", connection=redis)
    wait_for(lambda: queue.count >= 4, 6)
    assert len(queue.get_jobs()) <= 3
