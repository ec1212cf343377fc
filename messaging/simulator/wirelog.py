"""The last few hundred exchanges in both directions, for the page: what was asked, what was answered."""

from __future__ import annotations

import itertools
from collections import deque
from typing import Any

from messaging.simulator import clock
from messaging.simulator.hub import Hub

KEPT = 200


class WireLog:
    """``direction`` is ``in`` for a request to AWS, ``out`` for a post to the application's webhook."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._ids = itertools.count(1)
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def add(self, direction: str, what: str, summary: str, outcome: str, *, good: bool, took: float = 0.0) -> None:
        entry = {
            "id": next(self._ids),
            "at": clock.wall(),
            "direction": direction,
            "what": what,
            "summary": summary[:160],
            "outcome": outcome,
            "good": good,
            "ms": round(took * 1000),
        }
        self._entries.append(entry)
        self._hub.publish("wire", entry)

    def entries(self) -> list[dict[str, Any]]:
        return list(self._entries)

    def clear(self) -> None:
        self._entries.clear()
