"""What this process has counted and not handed over yet.

Batches are numbered, and Redis adds each at most once: one of which nobody knows whether Redis took it is
simply handed over again. A process that is killed loses what it counted in the last second.
"""

import atexit
import contextlib
import logging
import os
import threading
import uuid
from collections.abc import Mapping

from redis.exceptions import RedisError

from messaging.counting import sums

logger = logging.getLogger(__name__)

PARTS_OF_SECOND = 1_000_000
HAND_OVER_EVERY_SECONDS = 1.0
# What stands between the parts of a field: in no name and no label.
_BETWEEN = "\x1f"


def field(name: str, values: tuple[str, ...], part: str = "") -> str:
    """The name of one sum in Redis: of a counter, or of one part of a histogram, with these values of its labels."""
    return _BETWEEN.join((name, part, *(value.replace(_BETWEEN, " ") for value in values)))


def parts(field: str) -> tuple[str, str, tuple[str, ...]]:
    """Name, part and values of the labels of a field."""
    name, part, *values = field.split(_BETWEEN)
    return name, part, tuple(values)


class Buffer:
    """Adds up in memory; a thread of its own hands over."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin with nothing; what was added is lost, or its parent's to hand over."""
        self._lock = threading.Lock()
        self._handing_over = threading.Lock()
        self._added: dict[str, int] = {}
        self._process = uuid.uuid4().hex
        self._number = 0
        self._batch: dict[str, int] | None = None
        self._thread: threading.Thread | None = None

    def add(self, amounts: Mapping[str, int]) -> None:
        """Add to sums. Waits for nobody."""
        with self._lock:
            for name, amount in amounts.items():
                self._added[name] = self._added.get(name, 0) + amount
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="counting", daemon=True)
                self._thread.start()

    def flush(self) -> bool:
        """Hand over what was added. Returns False when Redis does not take it: it is kept, and tried again."""
        with self._handing_over:
            while batch := self._next():
                try:
                    sums.add(self._process, self._number, batch)
                except RedisError as problem:
                    logger.debug("What was counted waits for Redis: %s", problem)
                    return False
                self._batch = None
        return True

    def _next(self) -> dict[str, int] | None:
        with self._lock:
            if self._batch is None and self._added:
                self._batch, self._added = self._added, {}
                self._number += 1
            return self._batch

    def _work(self) -> None:
        pause = threading.Event()
        while not pause.wait(HAND_OVER_EVERY_SECONDS):
            try:
                self.flush()
            except Exception:
                # A figure that cannot be kept must not end the counting of all others.
                logger.exception("What was counted cannot be handed over")


_buffer = Buffer()
os.register_at_fork(after_in_child=_buffer.reset)


@atexit.register
def _last() -> None:
    with contextlib.suppress(Exception):
        _buffer.flush()


def add(amounts: Mapping[str, int]) -> None:
    """Add to sums of the house, by the names of their fields."""
    _buffer.add(amounts)


def flush() -> bool:
    """Hand over now what this process has counted. Returns False when Redis does not take it."""
    return _buffer.flush()


def forget() -> None:
    """Hand over nothing of what was counted so far."""
    with _buffer._lock:
        _buffer._added, _buffer._batch = {}, None
