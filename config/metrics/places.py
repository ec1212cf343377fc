"""How Redis and the processes that work on it stand: queues, jobs that failed, workers, the sweep."""

from collections.abc import Iterator

from django.conf import settings
from rq import Worker
from rq.registry import FailedJobRegistry

from config.health import impatient_client
from messaging import clock, wakeups
from messaging.counting import Gauge

_QUEUE = ("queue",)


def standing() -> Iterator[Gauge]:
    """A few commands for each queue and each worker.

    Raises:
        redis.exceptions.RedisError: Redis does not answer.
    """
    client = impatient_client(settings.REDIS_URL)
    names = list(settings.RQ_QUEUES)
    queued = {(name,): float(client.llen(f"rq:queue:{name}")) for name in names}
    yield Gauge("textback_jobs_queued", "Wake-ups that wait for a worker.", queued, _QUEUE)
    failed = {(name,): float(FailedJobRegistry(name, connection=client).get_job_count()) for name in names}
    yield Gauge("textback_jobs_failed", "Looks that failed within the last minute.", failed, _QUEUE)
    now = clock.now().timestamp()
    workers = dict.fromkeys(((name,) for name in names), 0.0)
    oldest: dict[tuple[str], float] = {}
    # Asked one by one: the set that RQ counts keeps those that were killed, until somebody looks at them.
    for worker in Worker.all(connection=client):
        for name in worker.queue_names():
            if (name,) in workers:
                workers[name,] += 1
                if worker.birth_date is not None:
                    age = max(0.0, now - worker.birth_date.timestamp())
                    oldest[name,] = max(oldest.get((name,), 0.0), age)
    yield Gauge("textback_workers", "Workers that listen to a queue.", workers, _QUEUE)
    yield Gauge("textback_worker_oldest_seconds", "For how long the oldest of them has run.", oldest, _QUEUE)
    since = wakeups.seconds_since_sweep()
    # An hour: no longer is it remembered.
    swept = 3600.0 if since is None else since
    yield Gauge(
        "textback_sweep_age_seconds", "How long ago the last sweep was; 3600 when it is forgotten.", {(): swept}
    )
    memory = client.info("memory")
    used, most = float(memory["used_memory"]), float(memory.get("maxmemory", 0))
    yield Gauge("textback_redis_memory_bytes", "What Redis uses.", {(): used})
    yield Gauge("textback_redis_memory_limit_bytes", "Its maxmemory; 0 without one.", {(): most})
