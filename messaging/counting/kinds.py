"""Kinds of figures: what is counted as it happens (counters, histograms), and what is read when asked (gauges)."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction

from messaging.counting import buffer

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gauge:
    """How something stands now.

    Attributes:
        name: as Prometheus wants it: a unit at its end.
        help: one line, for whoever reads /metrics.
        values: values of the labels → the figure.
        labels: their names.
    """

    name: str
    help: str
    # Keys are Labels; a mapping is not covariant in its keys, so that tuples of a known length would not do.
    values: Mapping[Any, float]
    labels: Labels = ()


@dataclass(frozen=True, slots=True)
class Counter:
    """How often something has happened. The values of labels must be few: each set of them is kept for ever."""

    name: str
    help: str
    labels: Labels = ()

    def add(self, *values: str, times: int = 1) -> None:
        """Count now.

        Args:
            values: of the labels, in their order.
            times: how often it has happened.
        """
        if times:
            buffer.add({buffer.field(self.name, values): times})

    def add_on_commit(self, *values: str, times: int = 1) -> None:
        """Count once the current transaction is committed; not at all if it is not."""
        if times:
            transaction.on_commit(partial(self.add, *values, times=times))


@dataclass(frozen=True, slots=True)
class Histogram:
    """How long something takes, in seconds: how many times at most each of ``buckets``, and the sum."""

    name: str
    help: str
    buckets: Sequence[float]
    labels: Labels = ()

    def observe(self, seconds: float, *values: str) -> None:
        """Count one that took so many seconds; less than none is none."""
        seconds = max(0.0, seconds)
        # "le" includes its bound: prometheus.io/docs/concepts/metric_types/#histogram .
        bucket = bisect_left(self.buckets, seconds)
        buffer.add(
            {
                buffer.field(self.name, values, f"le{bucket}"): 1,
                # Whole numbers add up exactly, in whatever order.
                buffer.field(self.name, values, "sum"): round(seconds * buffer.PARTS_OF_SECOND),
            }
        )

    def observe_on_commit(self, seconds: float, *values: str) -> None:
        """Count it once the current transaction is committed; not at all if it is not."""
        transaction.on_commit(partial(self.observe, seconds, *values))


Counted = Counter | Histogram
