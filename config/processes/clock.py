"""The clock: RQ's cron, going on where Redis is restarted, emptied or full."""

import contextlib
import logging
import time

import django
from django_rq.cron import DjangoCronScheduler
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq.exceptions import StopRequested

from config.processes import pulse
from config.processes.patience import what

logger = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 0.5


class Clock(DjangoCronScheduler):
    """RQ's cron scheduler, which by itself ends at the first lost connection."""

    _away = False

    def start(self) -> None:
        """Enqueue what is due, until asked to stop."""
        self._install_signal_handlers()
        self.connection.set_retry(Retry(NoBackoff(), 0))
        try:
            while True:
                time.sleep(self._tick())
        except StopRequested:
            logger.debug("The clock was asked to stop")
        finally:
            with contextlib.suppress(RedisError):
                self.register_death()

    def _tick(self) -> float:
        pulse.beat()
        try:
            if self.enqueue_jobs():
                self.save()
            # Enters the registry again after FLUSHALL; at the start too, so that there is no birth to register.
            self.heartbeat()
        except RedisError as problem:
            # Whatever it is: a clock that ended here would be started again, to meet the same.
            if not self._away:
                logger.warning("%s (%s); looking again every %s s", what(problem), problem, LOOK_AGAIN_SECONDS)
            self._away = True
            return LOOK_AGAIN_SECONDS
        self._away = False
        return self.calculate_sleep_interval()


def run() -> int:
    """Run the clock with the jobs of config.processes.cron."""
    django.setup()
    clock = Clock(logging_level=logging.WARNING)
    clock.load_config_from_file("config.processes.cron")
    clock.start()
    return 0
