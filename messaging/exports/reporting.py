"""The report of what was not taken: a line for each, written as it comes. Nothing of it is kept in memory."""

import csv
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from messaging.tables import cells

Report = Callable[[str, int, str], None]


@contextmanager
def reporting(path: Path | None, said: Callable[[str], str] = str) -> Iterator[Report]:
    """Writes file, line and reason of each row that is not taken: CSV, or lines of JSON if the file is called .json(l).

    For its owner's eyes only, should it quote numbers.

    Args:
        path: where; None: nowhere.
        said: makes of a reason what may be written, for example without phone numbers.

    Raises:
        OSError: the file cannot be written.
    """
    if path is None:
        yield lambda file, line, reason: None
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
        write = _as_json(stream) if path.suffix in (".json", ".jsonl") else _as_csv(stream)
        yield lambda file, line, reason: write(file, line, said(reason))


def _as_json(stream: IO[str]) -> Report:
    def write(file: str, line: int, reason: str) -> None:
        entry: dict[str, Any] = {"file": file, "line": line, "reason": reason}
        stream.write(f"{json.dumps(entry)}\n")

    return write


def _as_csv(stream: IO[str]) -> Report:
    writer = csv.writer(stream)
    writer.writerow(["file", "line", "reason"])
    return lambda file, line, reason: writer.writerow(cells([file, line, reason]))
