"""How the worker waits for a Redis that is away: for as long as it takes, looking twice a second."""

import logging

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from rq.exceptions import StopRequested

from messaging import clock

logger = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 0.5


class _Patience(ConstantBackoff):
    """The pause before each further try; the one place that runs while Redis is away."""

    def compute(self, failures: int) -> float:
        if clock.stop_requested():
            raise StopRequested
        if failures == 1:
            logger.warning("Redis does not answer; looking again every %s s", LOOK_AGAIN_SECONDS)
        return super().compute(failures)


def wait_for_redis(connection: Redis) -> None:
    """Make every command of a connection wait for Redis instead of failing; asking the process to stop ends that."""
    connection.set_retry(Retry(_Patience(LOOK_AGAIN_SECONDS), -1))
