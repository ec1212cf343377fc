"""/healthz and /readyz, for load balancers, probes and people.

Both are open to everybody: they say what is wrong in general, and the log says the rest.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import Min
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Worker

from messaging import clock, redis, selectors, wakeups
from messaging.models import InboundMessage, OutboundMessage, Status

logger = logging.getLogger(__name__)

# The sweep runs every two seconds, by clock and worker together: its trace proves both.
_SWEEP_IS_LATE_AFTER = 15.0
# A probe that hangs tells as little as none: load balancers give it a few seconds.
_PATIENCE_SECONDS = 1


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, Redis, clock and workers are there; how long the oldest unsent and unrouted rows have waited.

    200 when everything is up, else 503. Waiting rows alone make nobody unready: they are for monitoring.
    """
    checks: dict[str, Any] = {}
    problems: list[str] = []
    try:
        checks |= _waiting() | {"database": connection.vendor}
    except Error as problem:
        logger.warning("Not ready: the database does not answer: %s", problem)
        problems.append(f"The database does not answer: {type(problem).__name__}.")
    try:
        _impatient_client(settings.REDIS_URL).ping()
        checks |= _workers(problems) | {"redis": "ok"}
    except RedisError as problem:
        logger.warning("Not ready: Redis does not answer: %s", problem)
        problems.append(f"Redis does not answer: {type(problem).__name__}.")
    ready = not problems
    answer = JsonResponse(
        {"status": "ready" if ready else "not ready", "problems": problems, **checks}, status=200 if ready else 503
    )
    # Told above, once and in words; Django would add a line to the log for each 503 that a probe gets.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def _waiting() -> dict[str, Any]:
    now = clock.now()
    with _patience():
        waiting = OutboundMessage.objects.filter(status=Status.QUEUED, withheld=False, due_at__lte=now)
        unsent = waiting.aggregate(at=Min("queued_at"))
        unrouted = InboundMessage.objects.filter(routed_at__isnull=True).aggregate(at=Min("stored_at"))
        return {
            "oldest_unsent_seconds": _age(unsent["at"], now),
            "oldest_unrouted_seconds": _age(unrouted["at"], now),
            # How many, not which: our numbers are nobody's business here.
            "paused_lanes": selectors.paused_lanes().count(),
            "held_lanes": selectors.held_lanes().count(),
        }


@contextmanager
def _patience() -> Iterator[None]:
    """Let no query last long. No transaction on SQLite: it would wait for the write lock that probes do not need."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{_PATIENCE_SECONDS}s'")
        yield


@cache
def _impatient_client(url: str) -> Redis:
    """A client that gives up at once, asked first: the house's own may wait longer, and then once more."""
    return Redis.from_url(
        url,
        socket_connect_timeout=_PATIENCE_SECONDS,
        socket_timeout=_PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


def _workers(problems: list[str]) -> dict[str, Any]:
    since_sweep = wakeups.seconds_since_sweep()
    if since_sweep is None or since_sweep > _SWEEP_IS_LATE_AFTER:
        problems.append("No sweep has run lately: is the clock up, and a worker for the queue 'default'?")
    # Asked one by one: the set that RQ counts keeps those that were killed, until somebody looks at them.
    senders = len(Worker.all(queue=redis.queue("lanes")))
    if not senders:
        problems.append("No worker listens to the queue 'lanes': nothing is sent.")
    return {"seconds_since_sweep": since_sweep, "senders": senders}


def _age(at: datetime | None, now: datetime) -> float:
    return round((now - at).total_seconds(), 3) if at else 0.0
