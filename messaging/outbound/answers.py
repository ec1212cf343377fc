"""Calls under way, and what they came to, until it is written down.

Answers come from the threads of the calls and are written by the thread that drains: a few at a time, because a commit
for each would cost more than the call.
"""

import logging
import threading
from collections.abc import Iterable
from concurrent.futures import Executor
from datetime import timedelta
from queue import Empty, SimpleQueue

from django.db import connections

from messaging import clock
from messaging.contracts import Carrier
from messaging.models import OutboundMessage
from messaging.outbound import calls, outbox
from messaging.outbound.draining import Lane
from messaging.outbound.outbox import Result
from messaging.outbound.pacing import Start

logger = logging.getLogger(__name__)

_GATHER = timedelta(seconds=0.05)
_ENOUGH = 64


class Answers:
    """The calls of one drain. Everything but the calls themselves is done by the thread that drains.

    Attributes:
        under_way: how many calls have not ended.
        record_at: when the gathered answers should be written down.
    """

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._arriving: SimpleQueue[tuple[Lane, Result]] = SimpleQueue()
        self._unrecorded: list[tuple[Lane, Result]] = []
        # In the order in which the calls began.
        self._began: dict[int, float] = {}
        self.under_way = 0
        self.record_at = clock.now()
        self._put_off = False

    @property
    def wait_to_be_recorded(self) -> bool:
        """Whether there is anything to write down."""
        return bool(self._unrecorded)

    @property
    def longest_under_way(self) -> timedelta:
        """For how long the slowest of the calls has been under way."""
        began = next(iter(self._began.values()), None)
        return timedelta(seconds=clock.now().timestamp() - began) if began is not None else timedelta(0)

    def call(self, pool: Executor, lane: Lane, message: OutboundMessage, start: Start) -> None:
        """Begin a call in a thread of the pool."""
        lane.under_way += 1
        lane.parts_in_hand += message.parts
        self._began[message.pk] = start.at
        self.under_way += 1
        pool.submit(self._call, lane, message, start)

    def _call(self, lane: Lane, message: OutboundMessage, start: Start) -> None:
        self._arriving.put((lane, calls.call(self._carrier, message, start)))

    def hear(self, patience: timedelta = timedelta(0)) -> None:
        """Take the answers that are there; if there is none, wait for one so long."""
        seconds = max(0.0, patience.total_seconds())
        while self.under_way:
            try:
                lane, result = self._arriving.get(timeout=seconds) if seconds else self._arriving.get_nowait()
            except Empty:
                return
            if not self._unrecorded:
                self.record_at = clock.now() + _GATHER
            self._unrecorded.append((lane, result))
            self._began.pop(result.message.pk, None)
            self.under_way -= 1
            lane.under_way -= 1
            seconds = 0.0

    def record(self) -> dict[str, timedelta]:
        """Write down what has been gathered, if it is time. Returns by number how long its lane should wait.

        Raises:
            django.db.Error: the database does not take them; they are kept.
        """
        too_early = clock.now() < self.record_at and (self._put_off or len(self._unrecorded) < _ENOUGH)
        if not self._unrecorded or (too_early and (self.under_way or self._put_off)):
            return {}
        self._put_off = False
        rests = outbox.record([result for _, result in self._unrecorded])
        for lane, result in self._unrecorded:
            lane.parts_in_hand -= result.message.parts
        self._unrecorded.clear()
        return rests

    def put_off(self, rest: timedelta) -> None:
        """Try again to write them down only after a while."""
        self.record_at = clock.now() + rest
        self._put_off = True

    def leave(self) -> None:
        """Leave what could not be written down to a thread that keeps trying."""
        _late.take(result for _, result in self._unrecorded)
        self._unrecorded.clear()


class Late:
    """Answers that a drain could not write down before it ended: kept until the database takes them.

    AWS answers once. A drain must end for its worker's sake, and the database may be away, or its disk full, for long.
    What is not written when the process ends is unknown, as after a crash. Late is safe: a row that has moved on
    meanwhile stays as it is.
    """

    def __init__(self, seconds_between: float = 1.0) -> None:
        self._seconds_between = seconds_between
        self._lock = threading.Lock()
        self._results: list[Result] = []
        self._working = False

    def take(self, results: Iterable[Result]) -> None:
        """Write these down as soon as possible."""
        with self._lock:
            self._results.extend(results)
            if self._results and not self._working:
                self._working = True
                threading.Thread(target=self._work, name="late answers", daemon=True).start()

    def _work(self) -> None:
        while batch := self._next():
            try:
                outbox.record(batch)
            except Exception as problem:
                logger.warning("%s answers cannot be recorded (%r); trying again", len(batch), problem)
                clock.sleep(self._seconds_between)
            else:
                with self._lock:
                    del self._results[: len(batch)]
            finally:
                connections.close_all()

    def _next(self) -> list[Result]:
        with self._lock:
            if not self._results or clock.stop_requested():
                self._working = False
                return []
            return list(self._results)


_late = Late()
