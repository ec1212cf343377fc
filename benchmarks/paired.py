"""Measuring two things in turns."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report.

    Attributes:
        what: what was measured, and beside what.
        ours: median seconds of ours.
        beside: median seconds of what it is measured beside.
        share: the median over all rounds of beside / ours: 1.0 is as fast as it.
        spread: the lowest and the highest of these.
        goal: the least share that we want, or None.
    """

    what: str
    ours: float
    beside: float
    share: float
    spread: tuple[float, float]
    goal: float | None = None


def measure(
    what: str, ours: Callable[[], object], beside: Callable[[], object], *, rounds: int = 15, goal: float | None = None
) -> Row:
    """Run both in turns, the first of a round alternating, after one round that does not count."""
    pairs: list[tuple[float, float]] = []
    for number in range(rounds + 1):
        first, second = (ours, beside) if number % 2 else (beside, ours)
        one, two = _seconds(first), _seconds(second)
        if number:
            pairs.append((one, two) if first is ours else (two, one))
    shares = sorted(other / own for own, other in pairs)
    return Row(
        what,
        median(own for own, _ in pairs),
        median(other for _, other in pairs),
        median(shares),
        (shares[0], shares[-1]),
        goal,
    )


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
