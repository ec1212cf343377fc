"""/healthz and /readyz, for load balancers, probes and people. docs/operating.md says what to do about what they say.

Both are open to everybody: they say what is wrong in general, and the log says the rest. What is asked here is bounded,
however much waits.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import Error, connection, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Worker

from config import writability
from messaging import clock, redis, selectors, wakeups
from messaging.events import selectors as webhooks
from messaging.models import Priority

logger = logging.getLogger(__name__)

# The sweep runs every two seconds, by clock and worker together: its trace proves both.
_SWEEP_IS_LATE_AFTER = 15.0
# A probe that hangs tells as little as none: load balancers give it a few seconds.
_PATIENCE_SECONDS = 1
# Seconds after which somebody should look, where everything is up. A campaign waits for as long as its number's pace
# makes it.
_WAITS_LONG = {Priority.ALERT: 10.0, Priority.REPLY: 60.0, Priority.NOTICE: 300.0}
_UNROUTED_WAITS_LONG = 15.0
_FEW_BYTES_FREE = 1 << 30
_REDIS_IS_NEARLY_FULL_PERCENT = 80.0
_PROBE_KEY, _PROBE_SECONDS = "textback:readyz", 60


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Database and Redis take writes, clock and workers are there; what waits, and for how long.

    200 when everything is up, else 503 and ``problems``. What waits makes nobody unready; what waits too long, and what
    staff have to mend, are ``warnings``: for monitoring.
    """
    checks: dict[str, Any] = {}
    problems: list[str] = []
    warnings: list[str] = []
    try:
        checks |= _waiting(warnings) | _database(problems, warnings)
    except Error as problem:
        logger.warning("Not ready: the database does not answer: %s", problem)
        problems.append(f"The database does not answer: {type(problem).__name__}.")
    try:
        checks |= _redis(problems, warnings)
    except RedisError as problem:
        logger.warning("Not ready: Redis does not answer: %s", problem)
        problems.append(f"Redis does not answer: {type(problem).__name__}.")
    if checks.get("webhooks_on") and checks.get("webhook_workers") == 0:
        warnings.append("No worker listens to the queue 'webhooks': other systems hear of nothing.")
    ready = not problems
    answer = JsonResponse(
        {"status": "ready" if ready else "not ready", "problems": problems, "warnings": warnings, **checks},
        status=200 if ready else 503,
    )
    # Told above, once and in words; Django would add a line to the log for each 503 that a probe gets.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def _waiting(warnings: list[str]) -> dict[str, Any]:
    with patience():
        now = clock.now()
        unrouted = selectors.unrouted_texts()
        # How many, not which: our numbers are nobody's business here.
        lanes = {"paused_lanes": selectors.paused_lanes().count(), "held_lanes": selectors.held_lanes().count()}
        found = _unsent(selectors.waiting_texts(), now, warnings)
    unrouted_for = _age(unrouted.oldest_at, now)
    if unrouted_for > _UNROUTED_WAITS_LONG:
        warnings.append(f"An inbound text has waited {unrouted_for:.0f} s to be routed.")
    if unrouted.failing:
        warnings.append(f"{unrouted.failing} inbound texts cannot be routed; the log says why.")
    if lanes["paused_lanes"]:
        warnings.append(f"{lanes['paused_lanes']} lanes are paused until somebody resumes them.")
    webhooks_off = webhooks.disabled().count()
    if webhooks_off:
        warnings.append(f"{webhooks_off} webhook endpoints are switched off: other systems hear of nothing.")
    if lanes["held_lanes"]:
        warnings.append(f"{lanes['held_lanes']} lanes send nothing: a send guard cannot be asked.")
    if limited := selectors.limited_lanes().count():
        warnings.append(f"{limited} numbers send no campaigns: a budget is used up.")
    if not selectors.answerable_numbers().exists():
        warnings.append("There is no active number that people can answer: nobody can be asked anything.")
    if selectors.forgotten_budgets(now).exists():
        warnings.append("Budgets were not looked at for minutes: a campaign may go beyond its own.")
    return (
        found
        | {"oldest_unrouted_seconds": unrouted_for, "unrouted": unrouted.texts}
        | lanes
        | {"webhooks_off": webhooks_off, "webhooks_on": webhooks.enabled().count()}
    )


def _unsent(waiting: list[selectors.Waiting], now: datetime, warnings: list[str]) -> dict[str, Any]:
    ages = dict.fromkeys(Priority, 0.0)
    texts = dict.fromkeys(Priority, 0)
    seconds_of_lane: dict[str, float] = {}
    for one in waiting:
        ages[one.priority] = max(ages[one.priority], _age(one.oldest_at, now))
        texts[one.priority] += one.texts
        if one.mps:
            seconds_of_lane[one.identity] = seconds_of_lane.get(one.identity, 0.0) + one.parts / one.mps
    for priority, seconds in _WAITS_LONG.items():
        if ages[priority] > seconds:
            warnings.append(f"A text of priority {priority.name.lower()} has waited {ages[priority]:.0f} s to be sent.")
    return {
        "oldest_unsent_seconds": max(ages.values()),
        "oldest_unsent_seconds_by_priority": {priority.name.lower(): age for priority, age in ages.items()},
        "unsent_by_priority": {priority.name.lower(): count for priority, count in texts.items()},
        # Texts of one lane are counted so far: what reaches it means "at least".
        "counted_to": selectors.COUNTED_TO,
        "seconds_to_drain": round(max(seconds_of_lane.values(), default=0.0), 1),
    }


def _database(problems: list[str], warnings: list[str]) -> dict[str, Any]:
    refusal = writability.refusal()
    if refusal:
        problems.append(f"The database takes no writes: {refusal}.")
    free = writability.bytes_free()
    if free is not None and free < _FEW_BYTES_FREE:
        warnings.append(f"The disk of the database has {free >> 20} MiB left.")
    return {"database": connection.vendor, "database_takes_writes": not refusal, "database_bytes_free": free}


@contextmanager
def patience() -> Iterator[None]:
    """Let no query last long. No transaction on SQLite: it would wait for the write lock that probes do not need."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{_PATIENCE_SECONDS}s'")
        yield


@cache
def impatient_client(url: str) -> Redis:
    """A client that gives up at once, asked first: the house's own may wait longer, and then once more."""
    return Redis.from_url(
        url,
        socket_connect_timeout=_PATIENCE_SECONDS,
        socket_timeout=_PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


def _redis(problems: list[str], warnings: list[str]) -> dict[str, Any]:
    client = impatient_client(settings.REDIS_URL)
    percent = _memory_percent(client)
    if percent is not None and percent > _REDIS_IS_NEARLY_FULL_PERCENT:
        warnings.append(f"Redis uses {percent} % of its maxmemory.")
    found: dict[str, Any] = {"redis": "ok", "redis_memory_percent": percent}
    try:
        client.set(_PROBE_KEY, 1, ex=_PROBE_SECONDS)
    except RedisError as problem:
        if not redis.refuses(problem):
            raise
        logger.warning("Not ready: Redis takes no writes: %s", problem)
        # Nor can clock and workers say that they live; the texts are where their work shows.
        problems.append(f"Redis takes no writes: {type(problem).__name__}.")
        return found | {"redis": "takes no writes"}
    return found | _workers(problems)


def _memory_percent(client: Redis) -> float | None:
    """How much of its maxmemory Redis uses; None when it has no limit."""
    memory: dict[str, Any] = client.info("memory")
    most = memory.get("maxmemory", 0)
    return round(100.0 * memory["used_memory"] / most, 1) if most else None


def _workers(problems: list[str]) -> dict[str, Any]:
    since_sweep = wakeups.seconds_since_sweep()
    if since_sweep is None or since_sweep > _SWEEP_IS_LATE_AFTER:
        problems.append("No sweep has run lately: is the clock up, and a worker for the queue 'default'?")
    # Asked one by one: the set that RQ counts keeps those that were killed, until somebody looks at them.
    senders = len(Worker.all(queue=redis.queue("lanes")))
    if not senders:
        problems.append("No worker listens to the queue 'lanes': nothing is sent.")
    # Nobody is unready for that: texts go on.
    callers = len(Worker.all(queue=redis.queue("webhooks")))
    return {"seconds_since_sweep": since_sweep, "senders": senders, "webhook_workers": callers}


def _age(at: datetime | None, now: datetime) -> float:
    return max(0.0, round((now - at).total_seconds(), 3)) if at else 0.0
