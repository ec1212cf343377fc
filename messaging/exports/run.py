"""One run over the files of an export: batch by batch, with a report of what was not taken, and how far it is."""

import csv
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, Protocol

from django.db import reset_queries

from messaging import clock
from messaging.exports import files
from messaging.exports.records import Row, rows
from messaging.tables import cells

_TOLD_EVERY_SECONDS = 2


@dataclass(slots=True)
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

    def not_taken(self, row: Row, reason: str, kind: str = "") -> None:
        """A row stays behind. ``kind`` is the reason without what is this row's own, for the sums."""
        self.problem(row.file, row.line, reason, kind)

    def problem(self, file: str, line: int, reason: str, kind: str = "") -> None:
        """Something that is no row."""
        self.counts["not_taken"] += 1
        self.reasons[kind or reason] += 1
        self.report(file, line, reason)


class Source(Protocol):
    """One kind of export, and what it becomes."""

    at_once: int

    def take(self, batch: Sequence[Row], run: Run) -> None:
        """Bring rows in, in transactions of its own; with ``run.plan`` only count. Rows that are in are left alone."""


def bring_in(source: Source, paths: Sequence[Path], run: Run, tell: Callable[[str], None]) -> None:
    """Read all files and have the source take them.

    Args:
        source: what the rows become.
        paths: files and directories.
        run: is brought up to date with each batch.
        tell: called with a sentence every few seconds.

    Raises:
        FileNotFoundError: there is no such file.
    """
    found = list(files.find(paths))
    told_at = clock.now()
    for number, path in enumerate(found, start=1):
        waiting = rows(path, run.problem)
        while batch := list(islice(waiting, source.at_once)):
            run.counts["read"] += len(batch)
            source.take(batch, run)
            # With DEBUG Django keeps what it asked, and a statement here has thousands of people in it.
            reset_queries()
            if (clock.now() - told_at).total_seconds() >= _TOLD_EVERY_SECONDS:
                told_at = clock.now()
                tell(f"file {number} of {len(found)}, line {batch[-1].line}: {sums(run)}")


def sums(run: Run) -> str:
    """The counts on one line."""
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in run.counts.items() if count)


@contextmanager
def reporting(path: Path | None) -> Iterator[Callable[[str, int, str], None]]:
    """Writes file, line and reason of each row that is not taken: CSV, or lines of JSON if the file is called .json(l).

    For its owner's eyes only: reasons quote numbers.

    Raises:
        OSError: the file cannot be written.
    """
    if path is None:
        yield lambda file, line, reason: None
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
        yield _as_json(stream) if path.suffix in (".json", ".jsonl") else _as_csv(stream)


def _as_json(stream: IO[str]) -> Callable[[str, int, str], None]:
    def write(file: str, line: int, reason: str) -> None:
        entry: dict[str, Any] = {"file": file, "line": line, "reason": reason}
        stream.write(f"{json.dumps(entry)}\n")

    return write


def _as_csv(stream: IO[str]) -> Callable[[str, int, str], None]:
    writer = csv.writer(stream)
    writer.writerow(["file", "line", "reason"])
    return lambda file, line, reason: writer.writerow(cells([file, line, reason]))
