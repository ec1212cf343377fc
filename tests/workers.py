"""Real workers in processes of their own, on the test's database, Redis and simulator."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from rq import Worker

from messaging import redis
from tests.redis_server import RedisServer

BASE = Path(__file__).resolve().parent.parent


@contextmanager
def worker_process(redis_server: RedisServer, *queues: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that listens to these queues, with more settings, until it is killed at the end."""
    arguments = ["manage.py", "rqworker", "--worker-class", "config.processes.worker.Worker", *queues]
    process = subprocess.Popen([sys.executable, *arguments], cwd=BASE, env=environment(redis_server) | settings)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def environment(redis_server: RedisServer) -> dict[str, str]:
    """What a process of its own needs to work on the test's database and Redis."""
    database = connection.settings_dict
    url = (
        f"sqlite:///{database['NAME']}"
        if connection.vendor == "sqlite"
        else settings.DATABASE_URL.replace("/postgres?", f"/{database['NAME']}?")
    )
    return os.environ | {
        "DATABASE_URL": url,
        "REDIS_URL": redis_server.url,
        "SECRET_KEY": "for tests only",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


@contextmanager
def workers(redis_server: RedisServer, count: int, *queues: str) -> Iterator[None]:
    """Several of them, all listening when this begins."""
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(worker_process(redis_server, *queues))
        until(lambda: Worker.count(connection=redis.client()) == count, 60)
        yield


def until(condition: Callable[[], Any], seconds: float = 20) -> None:
    """Wait for what another process does."""
    ends_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at, "it did not come to pass"
        time.sleep(0.05)
