"""What the tests of worker and clock run in processes of their own: `python -m tests.config.rq_processes worker`."""

import os
import sys
import time

from redis import Redis
from rq import Queue
from rq.worker.base import WorkerStatus

from config.processes.clock import Clock
from config.processes.worker import Worker
from messaging import clock


def leave_a_mark(name: str) -> None:
    """A job that leaves a mark in Redis."""
    with Redis.from_url(os.environ["REDIS_URL"]) as connection:
        connection.rpush(name, os.getpid())


def work_until_asked_to_stop(name: str) -> None:
    """A long job that looks at the clock, as drains do."""
    leave_a_mark(name)
    while not clock.stop_requested():
        time.sleep(0.01)


def main(kind: str) -> None:
    """Run a worker or a clock."""
    if kind == "worker":
        connection = Redis.from_url(os.environ["REDIS_URL"])
        queues = [Queue(name, connection=connection) for name in ("timers", "default")]
        worker = Worker(queues, connection=connection)
        assert worker.get_state() != WorkerStatus.BUSY
        worker.work(with_scheduler=True, logging_level="WARNING")
    else:
        cron = Clock()
        cron.register(leave_a_mark, "default", args=("swept",), interval=1, ttl=2, result_ttl=0)
        cron.start()


if __name__ == "__main__":
    main(sys.argv[1])
