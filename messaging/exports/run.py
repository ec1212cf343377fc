"""One run over the files of an export: batch by batch, with a report of what was not taken, and how far it is."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Protocol

from django.db import reset_queries

from messaging.exports import files
from messaging.exports.planned import Planned
from messaging.exports.progress import Point
from messaging.exports.records import Row, rows

# Kinds of reasons that are summed up by themselves: a damaged file may have any number.
_MOST_REASONS = 100
_OTHER_REASONS = "Other reasons: see the report."


@dataclass
class Run:
    """What became of the rows.

    Attributes:
        plan: nothing is written.
        actor: whose deed it is.
        counts: rows by what became of them: ``read``, ``not_taken``, and the words of the source.
        reasons: how many rows were not taken for each reason.
        report: called with file, line and reason of each.
    """

    plan: bool
    actor: str
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    report: Callable[[str, int, str], None] = lambda file, line, reason: None

    @cached_property
    def planned(self) -> Planned:
        """What a plan would have written by now."""
        return Planned()

    def not_taken(self, row: Row, reason: str, kind: str = "") -> None:
        """A row stays behind. ``kind`` is the reason without what is this row's own, for the sums."""
        self.problem(row.file, row.line, reason, kind)

    def problem(self, file: str, line: int, reason: str, kind: str = "") -> None:
        """Something that is no row."""
        self.counts["not_taken"] += 1
        kind = kind or reason
        is_told = kind in self.reasons or len(self.reasons) < _MOST_REASONS
        self.reasons[kind if is_told else _OTHER_REASONS] += 1
        self.report(file, line, reason)


class Source(Protocol):
    """One kind of export, and what it becomes."""

    at_once: int

    def take(self, batch: Sequence[Row], run: Run) -> None:
        """Bring rows in, in transactions of its own; with ``run.plan`` only count. Rows that are in are left alone."""


def bring_in(source: Source, paths: Sequence[Path], run: Run, watch: Callable[[Point], None]) -> None:
    """Read all files and have the source take them.

    Args:
        source: what the rows become.
        paths: files and directories.
        run: is brought up to date with each batch.
        watch: called after each batch.

    Raises:
        FileNotFoundError: there is no such file.
    """
    found = list(files.find(paths))
    meter = files.Meter(sum(path.stat().st_size for path in found))
    for number, path in enumerate(found, start=1):
        waiting = rows(path, run.problem, meter)
        while batch := list(islice(waiting, source.at_once)):
            run.counts["read"] += len(batch)
            source.take(batch, run)
            # With DEBUG Django keeps what it asked, and a statement here has thousands of people in it.
            reset_queries()
            watch(Point(number, len(found), batch[-1].line, run.counts["read"], meter.share(), sums(run)))


def sums(run: Run) -> str:
    """The counts on one line."""
    return ", ".join(
        f"{count} {_WORDS.get(name, name.replace('_', ' '))}" for name, count in run.counts.items() if count
    )


_WORDS = {"unchanged": "here already"}
