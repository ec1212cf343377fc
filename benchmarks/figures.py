"""One line of the report, and what makes one figure of several runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report.

    Attributes:
        key: its name within its benchmark; a later run replaces the figure of that name.
        what: what was measured, and beside what.
        value: the median of the runs.
        spread: the lowest and the highest of them.
        unit: "" for a ratio, else "s", "ms" or whatever it is counted in.
        goal: what we want it to reach, or None.
        at_least: whether more is better.
        runs: how many runs.
        notes: figures that explain it, by name.
    """

    key: str
    what: str
    value: float
    spread: tuple[float, float]
    unit: str = ""
    goal: float | None = None
    at_least: bool = True
    runs: int = 1
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def reached(self) -> bool | None:
        """Whether it is as good as wanted; None when nothing is wanted of it."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def of_runs(
    key: str,
    what: str,
    values: Sequence[float],
    *,
    unit: str = "",
    goal: float | None = None,
    at_least: bool = True,
    notes: dict[str, str] | None = None,
) -> Figure:
    """The figure that several runs make: their median, and how far they are apart."""
    if not values:
        raise ValueError(f"{key}: there was no run to make a figure of")
    return Figure(
        key, what, median(values), (min(values), max(values)), unit, goal, at_least, len(values), dict(notes or {})
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them do not exceed (nearest rank).

    Raises:
        ValueError: there are no values; a percentile of nothing would pass for a quick one.
    """
    if not values:
        raise ValueError("there is nothing to take a percentile of")
    ordered = sorted(values)
    rank = -(-len(ordered) * share // 1)
    return ordered[max(0, int(rank) - 1)]
