"""AWS's two pace limits, for tests that want them held: texts per second of a number and of a recipient."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from threading import Lock

from messaging.simulator import errors


class Pace:
    """Counts what was accepted in the second before; what would be too much is throttled and not counted."""

    def __init__(self, mps: float | Mapping[str, float] | None, per_recipient: bool) -> None:
        self.mps = mps
        self.per_recipient = per_recipient
        self._lock = Lock()
        self._by_origination: dict[str, deque[float]] = defaultdict(deque)
        self._by_destination: dict[str, float] = {}

    def check(self, origination: str, destination: str, now: float) -> None:
        if self.mps is None and not self.per_recipient:
            return
        with self._lock:
            recent = self._by_origination[origination]
            while recent and recent[0] <= now - 1.0:
                recent.popleft()
            allowed = self.mps.get(origination) if isinstance(self.mps, Mapping) else self.mps
            if allowed is not None and len(recent) >= allowed:
                raise errors.throttled()
            last = self._by_destination.get(destination)
            if self.per_recipient and last is not None and last > now - 1.0:
                raise errors.throttled()
            recent.append(now)
            if self.per_recipient:
                self._by_destination[destination] = now

    def reset(self) -> None:
        with self._lock:
            self._by_origination.clear()
            self._by_destination.clear()
