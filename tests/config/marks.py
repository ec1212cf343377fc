"""Jobs that leave marks in Redis, for the tests of worker and clock."""

import os
import time

from redis import Redis

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
