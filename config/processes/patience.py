"""How the worker waits for a Redis that is away or takes no writes: for as long as it takes, looking twice a second."""

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry
from rq.exceptions import StopRequested

from messaging import clock
from messaging.redis import refuses

logger = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 0.5
_FOR_EVER = -1
_Answer = TypeVar("_Answer")


class _Patience(Retry):
    """Tries each command again until Redis takes it; the one place that runs while it does not.

    redis-py's own tries again after lost connections only: what Redis answers with an error has changed nothing, so
    that may be tried again as well.
    """

    def __init__(self, meanwhile: Callable[[float], None]) -> None:
        super().__init__(ConstantBackoff(LOOK_AGAIN_SECONDS), _FOR_EVER)
        self._meanwhile = meanwhile

    def call_with_retry(
        self,
        do: Callable[[], _Answer],
        fail: Callable[..., Any],
        is_retryable: Callable[[Exception], bool] | None = None,
        with_failure_count: bool = False,
    ) -> _Answer:
        failures = 0
        # From before the first try: a Redis that hangs fails only after its time-out.
        since = time.monotonic()
        while True:
            try:
                return do()
            except (RedisError, TimeoutError) as problem:
                if not _will_pass(problem) or (is_retryable is not None and not is_retryable(problem)):
                    raise
                failures += 1
                if failures == 1:
                    logger.warning("%s (%s); looking again every %s s", what(problem), problem, LOOK_AGAIN_SECONDS)
                fail(problem, failures) if with_failure_count else fail(problem)
            if clock.stop_requested():
                raise StopRequested
            self._meanwhile(time.monotonic() - since)
            time.sleep(LOOK_AGAIN_SECONDS)


def wait_for_redis(connection: Redis, meanwhile: Callable[[float], None] = lambda seconds: None) -> None:
    """Make every command of a connection wait for Redis instead of failing; asking the process to stop ends that.

    Args:
        connection: the connection; of one thread.
        meanwhile: called between two tries with the seconds that this command has waited. A function, not a method:
            each connection of a pool copies its retry, deeply.
    """
    connection.set_retry(_Patience(meanwhile))


def what(problem: Exception) -> str:
    """What is wrong with Redis, in words."""
    if isinstance(problem, RedisError) and refuses(problem):
        return "Redis takes no writes"
    return "Redis does not answer"


def _will_pass(problem: Exception) -> bool:
    if isinstance(problem, RedisConnectionError | RedisTimeoutError | TimeoutError):
        return True
    return isinstance(problem, RedisError) and refuses(problem)
