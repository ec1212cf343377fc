"""RQ's scheduler as a child that outlives Redis, and gives up its place quickly when it dies.

RQ's own ends at the first lost connection, is looked after every ten minutes, and holds its locks for a minute after
its death. Here a lost connection is waited out, and a Redis that takes no writes, each worker has a scheduler standing
by, and a lock is free after LEASE_SECONDS.
"""

import os
import time
from multiprocessing.process import BaseProcess
from typing import Any

from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq.scheduler import RQScheduler
from rq.scripts import acquire_or_refresh_lock

from config.processes.lifeline import end_with_parent
from config.processes.patience import what

LEASE_SECONDS = 6
STAND_BY_SECONDS = 2.0
LOOK_SECONDS = 0.5


class Scheduler(RQScheduler):
    """Moves scheduled jobs to their queues when they are due."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # One try at each command: this loop does the waiting, so that a request to stop is seen.
        self._pool_kwargs["retry"] = Retry(NoBackoff(), 0)
        self._worker = os.getpid()
        self._away = False
        self._tried_at: float | None = None
        self.child: BaseProcess | None = None

    def start(self) -> BaseProcess:
        """Start the child that does the work."""
        child: BaseProcess = super().start()
        self.child = child
        return child

    @property
    def should_reacquire_locks(self) -> bool:
        """Whether to try for the locks others hold: they may be dead."""
        if self._queue_names == self.acquired_locks:
            return False
        return self._tried_at is None or time.monotonic() - self._tried_at > STAND_BY_SECONDS

    def acquire_locks(self, auto_start: bool = False) -> set[str]:
        """Acquire or refresh the locks that are free or ours; returns the names of their queues.

        `auto_start` is RQ's: here the worker itself starts the child, whatever locks are free.
        """
        self._tried_at = time.monotonic()
        return self._lease(self._queue_names)

    def heartbeat(self) -> None:
        """Renew the leases and our entry, whole: after FLUSHALL both are gone."""
        self.register_birth()
        self._lease(self._acquired_locks)

    def _lease(self, names: set[str]) -> set[str]:
        held = {
            name
            for name in sorted(names)
            if acquire_or_refresh_lock(self.connection, self.get_locking_key(name), self.name, LEASE_SECONDS)
            in ("acquired", "refreshed")
        }
        if held != self._acquired_locks:
            self._scheduled_job_registries = []
        self._acquired_locks = held
        return held

    def work(self) -> None:
        """Work until asked to stop, or until the worker ends."""
        self._install_signal_handlers()
        end_with_parent(self._worker)
        while not self._stop_requested:
            try:
                if self.should_reacquire_locks:
                    self.acquire_locks()
                self.heartbeat()
                self.enqueue_scheduled_jobs()
                self._away = False
            except RedisError as problem:
                # Whatever it is: one that ended here would be started again, to meet the same.
                self._wait_for_redis(problem)
            time.sleep(LOOK_SECONDS)
        try:
            self.stop()
        except RedisError:
            self.log.info("Scheduler %s: Redis is away, the leases run out by themselves", self.name)

    def _wait_for_redis(self, problem: Exception) -> None:
        if not self._away:
            self.log.warning("Scheduler %s: %s (%s); looking again", self.name, what(problem), problem)
        self._away = True
        # What was held may be another's by the time Redis is back.
        self._acquired_locks = set()
        self._scheduled_job_registries = []
        self._tried_at = None
