"""Measuring two things in turns."""

import gc
import time
from collections.abc import Callable
from statistics import median

from benchmarks.figures import Figure, of_runs


def measure(
    key: str,
    what: str,
    ours: Callable[[], object],
    beside: Callable[[], object],
    *,
    rounds: int = 15,
    goal: float | None = None,
) -> Figure:
    """Run both in turns, the first of a round alternating, after one round that does not count.

    The figure is seconds of the other / seconds of ours: 1.0 is as fast as it.
    """
    pairs: list[tuple[float, float]] = []
    for number in range(rounds + 1):
        first, second = (ours, beside) if number % 2 else (beside, ours)
        one, two = _seconds(first), _seconds(second)
        if number:
            pairs.append((one, two) if first is ours else (two, one))
    notes = {
        "Textback": f"{median(own for own, _ in pairs) * 1000:,.1f} ms",
        "beside": f"{median(other for _, other in pairs) * 1000:,.1f} ms",
    }
    return of_runs(key, what, [other / own for own, other in pairs], goal=goal, notes=notes)


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
