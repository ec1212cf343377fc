"""What the tests of worker and clock run in processes of their own: `python -m tests.config.rq_processes worker`."""

import os
import sys

import django
from redis import Redis
from rq import Queue

# As manage.py does, before anything that knows models is imported.
django.setup()

from config.processes.clock import Clock  # noqa: E402
from config.processes.worker import Worker  # noqa: E402
from tests.config.marks import leave_a_mark  # noqa: E402


def main(kind: str) -> None:
    """Run a worker or a clock."""
    if kind == "worker":
        connection = Redis.from_url(os.environ["REDIS_URL"])
        queues = [Queue(name, connection=connection) for name in ("timers", "default")]
        worker = Worker(queues, connection=connection)
        worker.work(with_scheduler=True, logging_level="WARNING")
    else:
        cron = Clock()
        cron.register(leave_a_mark, "default", args=("swept",), interval=1, ttl=2, result_ttl=0)
        cron.start()


if __name__ == "__main__":
    main(sys.argv[1])
