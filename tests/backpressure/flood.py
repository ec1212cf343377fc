"""Many inbound texts within a minute, posted as SNS posts them, and what is seen meanwhile."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from messaging.simulator import Simulator
from tests.backpressure.running import Running
from tests.messaging.factories import OUR_NUMBER

# As many as SNS may well have under way at once.
_POSTERS = 12


def phone(number: int) -> str:
    """One of many phones, none of them anybody's."""
    return f"+1425555{number:04}" if number < 10_000 else f"+1206555{number - 10_000:04}"


@dataclass
class Flood:
    """Texts of as many phones at an even pace: HELP from every second one, a word nobody knows from the others."""

    simulator: Simulator
    texts: int
    per_second: float
    statuses: Counter[int] = field(default_factory=Counter)
    latest_start: float = 0.0

    def pour(self) -> float:
        """Post them all, again where the answer asks for it; returns the seconds it took."""
        begin = time.monotonic()

        def post(number: int) -> None:
            due = begin + number / self.per_second
            time.sleep(max(0.0, due - time.monotonic()))
            self.latest_start = max(self.latest_start, time.monotonic() - due)
            body = "HELP" if number % 2 else "what is this"
            for _ in range(4):
                (status,) = self.simulator.text(phone(number), OUR_NUMBER, body, inbound_id=f"flood-{number}")
                self.statuses[status] += 1
                if status == 200:
                    return
                time.sleep(1)

        with ThreadPoolExecutor(_POSTERS) as pool:
            list(pool.map(post, range(self.texts)))
        return time.monotonic() - begin


@contextmanager
def watched(running: Running) -> Iterator[list[tuple[float, float, int]]]:
    """/readyz asked every second meanwhile: (seconds it took, oldest unrouted in seconds, status)."""
    seen: list[tuple[float, float, int]] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(1.0):
            asked = time.monotonic()
            status, found = running.get("/readyz")
            seen.append((time.monotonic() - asked, (found or {}).get("oldest_unrouted_seconds", -1.0), status))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
