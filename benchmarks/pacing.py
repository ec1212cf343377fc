"""How near a lane comes to its number's MPS, and that it never goes beyond: by when texts arrive at the carrier."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchmarks import processes, texts
from benchmarks.figures import Figure, of_runs
from benchmarks.stage import OURS, Stage
from messaging import wakeups

_SECONDS = 21
_RATES = (1, 10, 100)


def figures(stage: Stage) -> Iterator[Figure]:
    """For each rate the share that is reached, and the most in any one second."""
    seconds = max(4, stage.some(_SECONDS))
    for mps in _RATES:
        shares, most = [], []
        for _ in range(stage.runs):
            times = measure(stage, mps, seconds)
            shares.append(share(times, mps))
            most.append(most_in_a_second(times) / mps)
        name = f"pace of a number of {mps} MPS over {seconds - 1} s"
        yield of_runs(f"share-{mps}", f"{name}: share of it that is reached", shares, goal=0.95)
        # Never is never: the worst of the runs counts.
        key, what = f"most-{mps}", f"{name}: most in any one second"
        yield replace(of_runs(key, what, most, goal=1.0, at_least=False), value=max(most))


def measure(stage: Stage, mps: int, seconds: int) -> list[float]:
    """Let a sender of its own drain so many seconds' worth of texts; returns when each arrived."""
    stage.number(mps)
    count = mps * seconds
    texts.queue(count, OURS)
    stage.carrier.forget()
    with processes.running("sender"):
        wakeups.wake_now("lanes")
        processes.wait_until(lambda: stage.carrier.count() >= count, seconds * 2 + 20, f"{count} texts at {mps} MPS")
        times = [each.at for each in stage.carrier.arrivals()]
    if len(times) != count:
        raise AssertionError(f"{len(times)} texts arrived, {count} were queued.")
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
