"""Wake-ups: telling a worker "look at this list now".

A job carries no work, only the name of a list; the work is rows. For one list at most one wake-up waits at a time: the
first sets a mark in Redis, the job takes the mark away *before* it looks, so a row committed while it looks finds no
mark and wakes again. None is lost; and where Redis loses everything, the sweep wakes each list that has work.

Nothing here raises when Redis is away: the row is committed, the sweep will find it.
"""

import logging
import math
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import transaction
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from messaging import clock, redis, registry

logger = logging.getLogger(__name__)

_MARK = "textback:wake:{name}"
_MARK_AT = "textback:wake:{name}:{second}"
_SWEPT = "textback:swept"
# Should the job behind a mark be lost, the mark must not silence the list for long.
_MARK_SECONDS = 5
# A wake-up that waited this long for a worker is no news: the sweep has brought later ones.
_STALE_SECONDS = 10
_JOB = "messaging.jobs.run"
# The sweep, or a worker that cannot reach Redis either, finds what was not announced meanwhile.
_LEAVE_ALONE_SECONDS = 2.0


class _Calls(threading.local):
    """The calls of wake() in this thread, counted; and the last one that a wake-up of each list has answered."""

    def __init__(self) -> None:
        self.count = 0
        self.answered: dict[str, int] = {}


_calls = _Calls()


def wake(name: str) -> None:
    """Have a worker look at a list, once the current transaction is committed; asked several times in it, once."""
    _calls.count += 1
    transaction.on_commit(partial(_wake_once, name, _calls.count))


def _wake_once(name: str, call: int) -> None:
    # Calls made before a wake-up that come here after it are of the same commit: their rows were there for it.
    if call > _calls.answered.get(name, 0):
        _calls.answered[name] = _calls.count
        wake_now(name)


def wake_at(name: str, when: datetime) -> None:
    """Have a worker look at a list at a time, once the current transaction is committed.

    RQ's scheduler works in whole seconds and truncates: a wake-up may come up to a second early, and the list's own
    run must then wait for what is about to be due.
    """
    transaction.on_commit(lambda: _schedule(name, when))


def wake_now(name: str) -> None:
    """Have a worker look at a list, without waiting for a commit."""
    work_list = registry.work_lists()[name]

    def enqueue() -> None:
        if redis.client().set(_MARK.format(name=name), 1, nx=True, ex=_MARK_SECONDS):
            redis.queue(work_list.queue).enqueue(_JOB, name, ttl=_STALE_SECONDS, result_ttl=0, failure_ttl=3600)

    _without_redis_errors(enqueue, name)


def looking(name: str) -> None:
    """Take the mark away: the list is being looked at now, later rows need a wake-up of their own."""
    _without_redis_errors(lambda: redis.client().delete(_MARK.format(name=name)), name)


def swept() -> None:
    """Remember that clock and worker are alive: the sweep ran now."""
    _without_redis_errors(lambda: redis.client().set(_SWEPT, clock.now().timestamp(), ex=3600), "sweep")


def seconds_since_sweep() -> float | None:
    """Seconds since the last sweep ended; None when there was none for an hour.

    Raises:
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    at = redis.client().get(_SWEPT)
    return None if at is None else max(0.0, clock.now().timestamp() - float(at))


def _schedule(name: str, when: datetime) -> None:
    if when <= clock.now():
        wake_now(name)
        return
    work_list = registry.work_lists()[name]
    second = math.floor(when.timestamp())
    seconds_until = max(1, second - math.floor(clock.now().timestamp()) + _MARK_SECONDS)

    def enqueue() -> None:
        mark = _MARK_AT.format(name=name, second=second)
        if redis.client().set(mark, 1, nx=True, ex=seconds_until):
            redis.queue(work_list.queue).enqueue_at(when, _JOB, name, result_ttl=0, failure_ttl=3600)

    _without_redis_errors(enqueue, name)


class _Hanging:
    """A Redis that takes a command and does not answer costs seconds each time: for a while it is left alone."""

    def __init__(self) -> None:
        self._until = float("-inf")

    def __bool__(self) -> bool:
        return time.monotonic() < self._until

    def noticed(self) -> None:
        self._until = time.monotonic() + _LEAVE_ALONE_SECONDS


_hanging = _Hanging()


def _without_redis_errors(action: Callable[[], object], name: str) -> None:
    if _hanging:
        return
    try:
        action()
    except RedisError as problem:
        if isinstance(problem, RedisTimeoutError):
            _hanging.noticed()
        logger.warning("Redis is away (%s); %s waits for the sweep", problem, name)
