"""The rows of a file, whichever of the usual forms it has; nothing is raised for a bad one."""

import csv
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from messaging.exports import dynamodb, files
from messaging.exports.streaming import Broken, elements

# Whose lists are the rows: `aws dynamodb scan`, `aws pinpoint-sms-voice-v2 describe-opted-out-numbers`, and the like.
_LISTS = ("Items", "OptedOutNumbers")
# A first line that is longer is a document without line ends.
_LONGEST_LINE = 1_048_576


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file, and where it stands: ``line`` counts from 1."""

    file: str
    line: int
    values: Mapping[str, Any]


Problem = Callable[[str, int, str], None]


def rows(path: Path, problem: Problem, meter: files.Meter | None = None) -> Iterator[Row]:
    """The rows of a file, one at a time; what is none is told to ``problem`` with file, line and reason."""
    name = str(path)
    try:
        with files.opened(path, meter) as stream:
            for line, value in _values(stream, lambda line, reason: problem(name, line, reason)):
                if not isinstance(value, Mapping):
                    problem(name, line, "This is no object with fields.")
                elif _is_damaged(value):
                    problem(name, line, "This is not UTF-8, or has signs that are no text.")
                else:
                    yield Row(name, line, dynamodb.plain_row(value))
    except Broken as broken:
        problem(name, broken.line, f"From here on the file is no JSON: {broken}.")
    except (OSError, EOFError, zlib.error) as trouble:
        problem(name, 0, f"The file cannot be read to its end: {trouble}.")
    finally:
        if meter:
            meter.end(path)


def _values(stream: IO[str], problem: Callable[[int, str], None]) -> Iterator[tuple[int, Any]]:
    first = stream.readline(_LONGEST_LINE)
    # Empty lines, and the empty files that DynamoDB writes for empty partitions.
    while first and not first.strip():
        first = stream.readline(_LONGEST_LINE)
    if not first:
        return
    if first.lstrip()[0] not in "{[":
        yield from _csv(first, stream, problem)
    elif _is_a_line(first):
        yield from _lines(first, stream, problem)
    else:
        yield from elements(stream, _LISTS, first)


def _is_a_line(first: str) -> bool:
    """Whether a first line is a whole row, so that the others are as well."""
    if len(first) == _LONGEST_LINE:
        return False
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and not any(isinstance(value.get(name), list) for name in _LISTS)


def _lines(first: str, stream: IO[str], problem: Callable[[int, str], None]) -> Iterator[tuple[int, Any]]:
    line, text = 1, first
    while text:
        if text.strip():
            try:
                yield line, json.loads(text)
            except (ValueError, RecursionError):
                problem(line, "This line is no JSON.")
        line, text = line + 1, stream.readline()


def _csv(first: str, stream: IO[str], problem: Callable[[int, str], None]) -> Iterator[tuple[int, Any]]:
    def lines() -> Iterator[str]:
        yield first
        yield from stream

    reader = csv.reader(lines(), strict=True, skipinitialspace=True)
    header = [name.strip() for name in next(reader)]
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as trouble:
            problem(line, f"From here on the file is no CSV: {trouble}.")
            return
        if len(cells) > len(header) and any(cells[len(header) :]):
            problem(line, f"This line has {len(cells)} cells, the header has {len(header)}.")
        elif any(cell.strip() for cell in cells):
            yield line, {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}


def _is_damaged(value: Any) -> bool:
    """Whether there are bytes in it that were no UTF-8, half a character or a NUL: no database takes them."""
    try:
        written = json.dumps(value, ensure_ascii=False)
        written.encode()
    except (UnicodeEncodeError, RecursionError):
        return True
    # Of a NUL this is left, and of a backslash before "u0000" as well.
    return "\\u0000" in written and _has_nul(value)


def _has_nul(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_nul(name) or _has_nul(one) for name, one in value.items())
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value
