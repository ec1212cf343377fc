"""The results that the report is written from: figures by database, state and name; a run replaces its own only."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure

FILE = Path(__file__).resolve().parent / "results.json"
EMPTY, HISTORY = "empty", "history"
# A figure with a history may be so much worse than without.
MOST_WORSE = 1.2


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure, and where it was measured: engine, state of the database, and the run it belongs to."""

    engine: str
    state: str
    row: str
    figure: Figure
    run: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What a later run replaces."""
        return (self.engine, self.state, self.row, self.figure.key)


class Results:
    """What was measured, and the machine of each run."""

    def __init__(self, measured: Iterable[Measured] = (), runs: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._measured = {each.key: each for each in measured}
        self._runs = dict(runs or {})

    @classmethod
    def read(cls, file: Path = FILE) -> "Results":
        """Those of a file; none when there is no file yet."""
        if not file.exists():
            return cls()
        content = json.loads(file.read_text())
        return cls((_measured(each) for each in content["figures"]), content["runs"])

    def write(self, file: Path = FILE) -> None:
        """Keep them, without the machines that no figure is of any more."""
        figures = [asdict(self._measured[key]) for key in sorted(self._measured)]
        content = {"runs": self.runs, "figures": figures}
        file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")

    def add(self, measured: Measured, machine: Mapping[str, str]) -> None:
        """Put a figure in the place of the one that was measured before."""
        self._measured[measured.key] = measured
        self._runs[measured.run] = dict(machine)

    @property
    def runs(self) -> dict[str, dict[str, str]]:
        """The machines, by run."""
        used = {each.run for each in self._measured.values()}
        return {run: dict(machine) for run, machine in self._runs.items() if run in used}

    def of(self, engine: str, state: str, row: str, key: str) -> Measured | None:
        """One figure."""
        return self._measured.get((engine, state, row, key))

    def names(self, rows: Iterable[str]) -> list[tuple[str, Figure]]:
        """Every figure there is, whatever its database: by row in this order, then as it was measured."""
        found: dict[tuple[str, str], Figure] = {}
        for row in rows:
            for each in self._measured.values():
                if each.row == row:
                    found.setdefault((row, each.figure.key), each.figure)
        return [(row, figure) for (row, _), figure in found.items()]


def worse(empty: Figure, history: Figure) -> float:
    """How much worse a figure is with a history: 1.0 is the same, more is worse.

    Raises:
        ValueError: nothing was measured.
    """
    if empty.value == history.value:
        return 1.0
    better, other = (empty.value, history.value) if empty.at_least else (history.value, empty.value)
    if other <= 0 or better <= 0:
        raise ValueError(f"{empty.key} is 0: that is no measurement")
    return better / other


def _measured(content: Mapping[str, Any]) -> Measured:
    figure = dict(content["figure"])
    figure["spread"] = tuple(figure["spread"])
    return Measured(content["engine"], content["state"], content["row"], Figure(**figure), content["run"])
