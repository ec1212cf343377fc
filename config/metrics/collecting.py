"""What /metrics says: how things stand, from the database and Redis, and what all processes have counted.

Whichever web process of whichever host is asked, the answer is the same: nothing of it is the process's own. A part
that does not answer leaves its figures out and says so in ``textback_up``.
"""

import logging
import threading
import time
from collections.abc import Iterable, Iterator

import django
from django.db import Error, connection
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from config.health import patience
from config.metrics import places, sums
from messaging import clock, counting, registry
from messaging.counting import Gauge

logger = logging.getLogger(__name__)

KEPT_SECONDS = 5.0
"""Whoever asks more often gets the same answer again."""


class _Answer:
    """The last answer, so that many who ask at once cost one look."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.text = b""
        self.until = float("-inf")


_answer = _Answer()


def latest() -> bytes:
    """The figures, not older than KEPT_SECONDS, in Prometheus's text format."""
    with _answer.lock:
        if time.monotonic() >= _answer.until:
            collectors = CollectorRegistry(auto_describe=False)
            collectors.register(_House())
            _answer.text = generate_latest(collectors)
            _answer.until = time.monotonic() + KEPT_SECONDS
        return _answer.text


def forget() -> None:
    """Look anew when next asked."""
    _answer.until = float("-inf")


class _House(Collector):
    def collect(self) -> Iterator[Metric]:
        up = {"database": 1.0, "redis": 1.0}
        yield from _families([_info()])
        try:
            yield from _standing()
        except Error as problem:
            logger.warning("No figures of the database: %s", problem)
            up["database"] = 0.0
        try:
            # Of this very process: what it has just counted is to be seen.
            counting.flush()
            yield from sums.families([one for part in registry.figures() for one in part.counted], counting.read())
            yield from _families(places.standing())
        except RedisError as problem:
            logger.warning("No figures of Redis: %s", problem)
            up["redis"] = 0.0
        values = {(part,): value for part, value in up.items()}
        yield from _families([Gauge("textback_up", "1 where a part answered just now.", values, ("part",))])


def _standing() -> list[Metric]:
    # All or none: half of the figures would look like the whole.
    with patience():
        now = clock.now()
        return list(_families(gauge for part in registry.figures() for gauge in part.standing(now)))


def _families(gauges: Iterable[Gauge]) -> Iterator[Metric]:
    for gauge in gauges:
        family = GaugeMetricFamily(gauge.name, gauge.help, labels=gauge.labels)
        for labels, value in sorted(gauge.values.items()):
            family.add_metric(labels, value)
        yield family


def _info() -> Gauge:
    labels = ("django", "database")
    return Gauge("textback_info", "What answers.", {(django.get_version(), connection.vendor): 1.0}, labels)
