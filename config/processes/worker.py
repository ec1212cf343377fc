"""The RQ worker of Textback.

It does not fork: the boto3 client and the database connection stay warm. It outlives Redis: a restart is waited out,
and after FLUSHALL it is registered again within HEARTBEAT_SECONDS. While Redis is away or takes no writes it looks for
work by itself. It ends at once when idle, and soon when busy: long jobs look at messaging.clock.
"""

import contextlib
import threading
from types import FrameType
from typing import Any

from django.db import close_old_connections
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import worker_registration
from rq.exceptions import StopRequested
from rq.job import Job
from rq.queue import Queue
from rq.utils import now
from rq.worker import DequeueStrategy, SimpleWorker
from rq.worker.base import WorkerStatus

from config.processes import memory, pulse
from config.processes.patience import wait_for_redis
from config.processes.scheduler import Scheduler
from config.processes.without_redis import lookout
from messaging import clock, registry

HEARTBEAT_SECONDS = 5
# An idle worker that was killed is forgotten after this.
FORGOTTEN_SECONDS = 30
# A job that failed tells what the log tells. A list that fails at each wake-up must not fill Redis with it.
FAILURES_ARE_KEPT_SECONDS = 60


class Worker(SimpleWorker):
    """Works on queues until asked to stop."""

    max_connection_wait_time = 1.0
    scheduler: Scheduler | None
    _works_without_redis = False

    def __init__(self, queues: list[Queue], *args: Any, **kwargs: Any) -> None:
        look = lookout([queue.name for queue in queues])

        def meanwhile(missed: float) -> None:
            pulse.beat()
            self._works_without_redis = True
            try:
                look(missed)
            finally:
                self._works_without_redis = False

        for connection in (kwargs["connection"], *(queue.connection for queue in queues)):
            wait_for_redis(connection, meanwhile)
        super().__init__(queues, *args, **kwargs)
        if any(queue.name == "lanes" for queue in self.queues):
            # 100 to 200 ms that the first alert need not wait for.
            registry.carrier().warm()
        memory.settle()

    @property
    def dequeue_timeout(self) -> int:
        """How long one look at the empty queues lasts; a heartbeat comes after each."""
        return HEARTBEAT_SECONDS

    @property
    def connection_timeout(self) -> int:
        """How long an answer of Redis is waited for; RQ's own is ten seconds more than an idle look lasts."""
        return self.dequeue_timeout + 1

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Say that we live, by writing our whole entry: it makes no difference whether Redis had forgotten us."""
        pulse.beat()
        self.last_heartbeat = now()
        self.birth_date = self.birth_date or self.last_heartbeat
        own = self.connection.pipeline() if pipeline is None else None
        target = pipeline if own is None else own
        assert target is not None
        target.hset(self.key, mapping={**self.serialize(), "state": self.get_state()})
        target.expire(self.key, timeout or FORGOTTEN_SECONDS)
        worker_registration.register(self, target)
        if own is not None:
            own.execute()
            self._look_after_scheduler()

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run a job on a database connection that is alive, and leave none behind that has gone stale."""
        job.failure_ttl = FAILURES_ARE_KEPT_SECONDS
        close_old_connections()
        try:
            super().execute_job(job, queue)
        finally:
            close_old_connections()

    def work(self, *args: Any, **kwargs: Any) -> bool:
        """Work until asked to stop. Whoever serves the slow queue takes turns, so that a flood does not starve it."""
        if any(queue.name == "slow" for queue in self.queues):
            kwargs.setdefault("dequeue_strategy", DequeueStrategy.ROUND_ROBIN)
        return bool(super().work(*args, **kwargs))

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Begin to end: tell long jobs, then RQ."""
        # In a thread: the signal may have come while this very thread held the event's lock.
        threading.Thread(target=clock.request_stop).start()
        super().request_stop(signum, frame)

    def subscribe(self) -> None:
        """No commands over pub/sub: they are for killing work horses, and we have none."""

    def teardown(self) -> None:
        """Say goodbye, unless nobody is there to hear it."""
        with contextlib.suppress(RedisError, StopRequested):
            super().teardown()

    def _shutdown(self) -> None:
        # RQ would also write to Redis and wait for the scheduler, here inside the signal handler. teardown() does both.
        if self._works_without_redis or self.get_state() == WorkerStatus.BUSY:
            self._stop_requested = True
        else:
            raise StopRequested

    def _start_scheduler(self, burst: bool = False, *args: Any, **kwargs: Any) -> None:
        if burst:
            super()._start_scheduler(burst, *args, **kwargs)
            return
        # Whoever holds the locks now, a scheduler of ours stands by to take them over.
        self.scheduler = Scheduler(
            self.queues, connection=self.connection, logging_level=self.log.level, serializer=self.serializer
        )
        self.scheduler.start()

    def _look_after_scheduler(self) -> None:
        child = self.scheduler.child if self.scheduler is not None else None
        if self.scheduler is None or child is None or child.is_alive() or self._stop_requested:
            return
        self.log.warning("Worker %s: the scheduler has ended (%s), starting it again", self.name, child.exitcode)
        self.scheduler.start()
