"""Things to do soon or later, on a few background threads; forgotten altogether when the simulator stops."""

from __future__ import annotations

import heapq
import itertools
import sys
import traceback
from collections.abc import Callable
from queue import SimpleQueue
from threading import Condition, Thread

from messaging.simulator import clock

Task = Callable[[], object]


class Scheduler:
    """``workers`` bounds how many posts may hang at once: a webhook that sleeps keeps a thread each 15 s."""

    def __init__(self, workers: int = 16) -> None:
        self._workers = workers
        self._ready: SimpleQueue[Task | None] = SimpleQueue()
        self._later: list[tuple[float, int, Task]] = []
        self._order = itertools.count()
        self._wake = Condition()
        self._running = False

    def start(self) -> None:
        self._running = True
        self._ready = SimpleQueue()
        Thread(target=self._keep_time, name="simulator-time", daemon=True).start()
        for number in range(self._workers):
            name = f"simulator-worker-{number}"
            Thread(target=_work, args=(self._ready,), name=name, daemon=True).start()

    def stop(self) -> None:
        with self._wake:
            self._running = False
            self._later.clear()
            self._wake.notify_all()
        for _ in range(self._workers):
            self._ready.put(None)

    def soon(self, task: Task) -> None:
        self._ready.put(task)

    def after(self, seconds: float, task: Task) -> None:
        with self._wake:
            heapq.heappush(self._later, (clock.steady() + seconds, next(self._order), task))
            self._wake.notify()

    def clear(self) -> None:
        with self._wake:
            self._later.clear()

    def _keep_time(self) -> None:
        with self._wake:
            while self._running:
                now = clock.steady()
                while self._later and self._later[0][0] <= now:
                    self._ready.put(heapq.heappop(self._later)[2])
                self._wake.wait(self._later[0][0] - now if self._later else None)


def _work(ready: SimpleQueue[Task | None]) -> None:
    while (task := ready.get()) is not None:
        try:
            task()
        except Exception:
            # One bad task must not end the thread that does all the others.
            traceback.print_exc(file=sys.stderr)
