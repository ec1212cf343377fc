"""What happens, told to every open page (server-sent events). A page too slow to follow is told to reload."""

from __future__ import annotations

import json
from queue import Empty, Full, Queue
from threading import Lock
from typing import Any

Feed = Queue[str | None]
WAITING = 500


class Hub:
    def __init__(self) -> None:
        self._lock = Lock()
        self._feeds: list[Feed] = []

    def open(self) -> Feed:
        feed: Feed = Queue(WAITING)
        with self._lock:
            self._feeds.append(feed)
        return feed

    def close(self, feed: Feed) -> None:
        with self._lock:
            if feed in self._feeds:
                self._feeds.remove(feed)

    def publish(self, kind: str, data: Any) -> None:
        if not self._feeds:
            return
        line = f"event: {kind}\ndata: {json.dumps(data)}\n\n"
        with self._lock:
            for feed in self._feeds:
                try:
                    feed.put_nowait(line)
                except Full:
                    _start_afresh(feed)

    def end(self) -> None:
        """Let every stream come to its end."""
        with self._lock:
            for feed in self._feeds:
                _drain(feed)
                feed.put_nowait(None)


def _start_afresh(feed: Feed) -> None:
    _drain(feed)
    feed.put_nowait("event: reload\ndata: {}\n\n")


def _drain(feed: Feed) -> None:
    try:
        while True:
            feed.get_nowait()
    except Empty:
        pass
