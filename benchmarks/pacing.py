"""How near a lane comes to its number's MPS, and that it never goes beyond: by when texts arrive at the carrier.

Three numbers are drained side by side by one sender, as in production.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchmarks import processes, texts
from benchmarks.figures import Figure, of_runs
from benchmarks.stage import OURS, Stage
from messaging import wakeups

_SECONDS = 21
# Parts a second, the number, and the area of those who are texted from it.
_NUMBERS = ((1, "+14255550101", "1206"), (10, "+14255550199", "1509"), (100, OURS, "1253"))


def figures(stage: Stage) -> Iterator[Figure]:
    """For each rate the share that is reached, and the most in any one second."""
    seconds = max(4, stage.some(_SECONDS))
    shares: dict[int, list[float]] = {mps: [] for mps, _, _ in _NUMBERS}
    most: dict[int, list[float]] = {mps: [] for mps, _, _ in _NUMBERS}
    for _ in range(stage.runs):
        for mps, times in measure(stage, seconds).items():
            shares[mps].append(share(times, mps))
            most[mps].append(most_in_a_second(times) / mps)
    for mps, _, _ in _NUMBERS:
        name = f"pace of a number of {mps} MPS over {seconds - 1} s"
        yield of_runs(f"share-{mps}", f"{name}: share of it that is reached", shares[mps], goal=0.95)
        # Never is never: the worst of the runs counts.
        key, what = f"most-{mps}", f"{name}: most in any one second"
        yield replace(of_runs(key, what, most[mps], goal=1.0, at_least=False), value=max(most[mps]))


def measure(stage: Stage, seconds: int) -> dict[int, list[float]]:
    """Let a sender of its own drain so many seconds' worth of texts of each; returns when they arrived, by rate."""
    count = 0
    for mps, identity, area in _NUMBERS:
        stage.number(mps, identity)
        texts.queue(mps * seconds, identity, area)
        count += mps * seconds
    stage.carrier.forget()
    with processes.running("sender"):
        wakeups.wake_now("lanes")
        processes.wait_until(lambda: stage.carrier.count() >= count, seconds * 2 + 20, f"{count} texts")
        arrivals = stage.carrier.arrivals()
    times = {mps: [each.at for each in arrivals if each.origination == identity] for mps, identity, _ in _NUMBERS}
    if {mps: len(its) for mps, its in times.items()} != {mps: mps * seconds for mps, _, _ in _NUMBERS}:
        raise AssertionError(f"{len(arrivals)} texts arrived, {count} were queued.")
    return times


def share(times: Sequence[float], mps: int) -> float:
    """The share of so many a second that was reached between the first arrival and the last."""
    if len(times) < 2:
        raise ValueError("two arrivals at least have a rate")
    ordered = sorted(times)
    return (len(ordered) - 1) / (ordered[-1] - ordered[0]) / mps


def most_in_a_second(times: Sequence[float]) -> int:
    """The most arrivals in any window of one second, wherever it begins (its end does not belong to it)."""
    ordered = sorted(times)
    return max(bisect_left(ordered, at + 1.0) - first for first, at in enumerate(ordered))
