"""The process's own connections to Redis: one client, its pool, and the queues on it.

django_rq.get_connection opens a new connection each time it is asked, which a webhook that wakes a worker for each text
cannot afford. Time-outs keep a request from waiting on a Redis that does not answer: wake-ups may be lost, rows not.
"""

from functools import cache

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue

_CONNECT_SECONDS = 1
_ANSWER_SECONDS = 2


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
