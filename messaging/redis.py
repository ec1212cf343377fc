"""The process's own connections to Redis: one client, its pool, and the queues on it.

django_rq.get_connection opens a new connection each time it is asked, which a webhook that wakes a worker for each text
cannot afford. Time-outs keep a request from waiting on a Redis that does not answer: wake-ups may be lost, rows not.
"""

import re
from functools import cache

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    BusyLoadingError,
    MasterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
)
from redis.retry import Retry
from rq import Queue

_CONNECT_SECONDS = 1
_ANSWER_SECONDS = 2
_REFUSALS = (OutOfMemoryError, ReadOnlyError, BusyLoadingError, MasterDownError)
# The same where redis-py has no class for it, or where the error came out of a script or a transaction.
_REFUSAL_WORDS = re.compile(r"\b(OOM|READONLY|MISCONF|NOREPLICAS|MASTERDOWN|LOADING)\b")


def refuses(problem: RedisError) -> bool:
    """Whether Redis is there and takes no writes for now: its memory is full, its disk, it is a replica, or it loads.

    The first word of an error says its kind: redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors .
    """
    return isinstance(problem, _REFUSALS) or bool(_REFUSAL_WORDS.search(str(problem)))


def client() -> Redis:
    """The client for settings.REDIS_URL."""
    return _client(settings.REDIS_URL)


def queue(name: str) -> Queue:
    """The RQ queue of that name."""
    return _queue(settings.REDIS_URL, name)


@cache
def _client(url: str) -> Redis:
    # One retry at once: a pooled connection may have died with a Redis that is back by now.
    return Redis.from_url(
        url,
        socket_connect_timeout=_CONNECT_SECONDS,
        socket_timeout=_ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 1),
    )


@cache
def _queue(url: str, name: str) -> Queue:
    return Queue(name, connection=_client(url))
