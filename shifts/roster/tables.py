"""A text as a table: its header, and its records with the lines they begin on. Pure."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from shifts.roster.report import Unreadable

MOST_COLUMNS = 500

_DELIMITERS = (",", ";", "\t")
# What Excel writes above the header, and reads.
_SEPARATOR_LINE = re.compile(r"\A\"?sep=(.)\"?[ \t]*(?:\r\n|\r|\n)", re.IGNORECASE)
_LONGEST_CELL = 131_072
_REASONS = {
    "unexpected end of data": 'A quotation mark " is opened here and never closed.',
    "field larger": f"A cell has more than {_LONGEST_CELL} characters. Is a quotation mark missing?",
    "expected after": "There is something between a closing quotation mark and the end of the cell. Within quotation "
    'marks write "" for ".',
}


@dataclass(frozen=True, slots=True)
class Table:
    """``records`` are (line, cells) of every line that has something on it, without the header."""

    header: list[str]
    header_line: int
    records: Iterator[tuple[int, list[str]]]


def table(text: str) -> Table:
    """The table in a text. Cells may be quoted and then hold line ends.

    Raises:
        Unreadable: there is no header, or it is not one; and by ``records``, where the quoting breaks.
    """
    records = _records(text)
    first = next(records, None)
    if first is None:
        raise Unreadable("The file has no header. Its first line must name the columns.")
    line, header = first
    if len(header) > MOST_COLUMNS:
        raise Unreadable(f"This line has {len(header)} columns; at most {MOST_COLUMNS} are taken.", line=line)
    return Table(header, line, records)


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True, skipinitialspace=True)
    if _SEPARATOR_LINE.match(text):
        next(reader)
    while True:
        # A record may go on over several lines; people look for it where it begins.
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            reason = next((words for sign, words in _REASONS.items() if sign in str(problem)), None)
            raise Unreadable(reason or f"This line is no CSV: {problem}.", line=line) from problem
        cells = [cell.strip() for cell in cells]
        if any(cells):
            yield line, cells


def _delimiter(text: str) -> str:
    """Which of them divides the first line into most cells; a comma when none does."""
    if found := _SEPARATOR_LINE.match(text):
        return found[1] if found[1] in _DELIMITERS else ","
    header = re.sub(r'"[^"]*"', "", text.lstrip().partition("\n")[0].partition("\r")[0])
    return max(_DELIMITERS, key=header.count)
