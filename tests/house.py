"""Driving the whole house in a test: the real RQ worker and scheduler on a real Redis, in this process, time moved."""

import logging
from datetime import timedelta

from rq import SimpleWorker
from rq.scheduler import RQScheduler

from messaging import jobs, redis
from tests.moving import MovableTime

QUEUES = ("lanes", "inbound", "timers", "default", "slow", "webhooks")


class House:
    """Workers that run when told to."""

    def __init__(self, time: MovableTime) -> None:
        self.time = time

    def settle(self) -> None:
        """Run every job that is due, and those that they cause, until nothing is left to do now."""
        logging.getLogger("rq.worker").setLevel(logging.WARNING)
        for _ in range(500):
            self._move_scheduled()
            queues = [redis.queue(name) for name in QUEUES]
            if not any(len(queue) for queue in queues):
                return
            SimpleWorker(queues, connection=redis.client()).work(burst=True, logging_level="WARNING")
        raise AssertionError("The house does not come to rest.")

    def forward(self, seconds: float, step: float = 1.0) -> None:
        """Let time pass in steps, with the workers at work and a sweep after each."""
        ends_at = self.time.now + timedelta(seconds=seconds)
        self.settle()
        # Work takes time as well, so what is left is asked anew. On a slow machine that is nothing: swept all the same.
        while True:
            self.time.forward(min(step, (ends_at - self.time.now).total_seconds()))
            self.sweep()
            if self.time.now >= ends_at:
                return

    def sweep(self) -> None:
        """What the clock does every two seconds, and what follows from it."""
        jobs.sweep()
        self.settle()

    def _move_scheduled(self) -> None:
        scheduler = RQScheduler(QUEUES, connection=redis.client())
        scheduler.prepare_registries(QUEUES)
        scheduler.enqueue_scheduled_jobs()
