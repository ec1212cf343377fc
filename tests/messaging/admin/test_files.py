"""Files to download: harmless in a spreadsheet, and never in memory as a whole."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO
from typing import Any

import pytest

from messaging.admin.files import as_csv


def cell(value: Any) -> str:
    """A value as a spreadsheet reads it."""
    answer = as_csv("x.csv", [("name",), (value,)])
    text = b"".join(answer).decode()
    return list(csv.reader(StringIO(text, newline="")))[1][0]


@pytest.mark.parametrize(
    "formula",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1", "=1425", "+1 425", "+", "-1,2"],
)
def test_what_a_spreadsheet_would_run_is_kept_from_it(formula: str) -> None:
    assert cell(formula) == f"'{formula}"


@pytest.mark.parametrize("plain", ["+14255550182", "-5", "Ann", "Pump = 4", "", 'He said "no", twice', "two\nlines"])
def test_what_is_no_formula_stays_as_it_is(plain: str) -> None:
    assert cell(plain) == plain


def test_moments_are_utc_and_nothing_is_empty() -> None:
    at = datetime(2026, 11, 21, 2, 3, tzinfo=timezone(timedelta(hours=9)))
    assert cell(at) == "2026-11-20T17:03:00.000000Z"
    assert cell(datetime(2026, 11, 21, 2, 3, 4, 5, tzinfo=UTC)) == "2026-11-21T02:03:04.000005Z"
    assert (cell(None), cell(True), cell(False), cell(7)) == ("", "true", "false", "7")


def test_a_file_is_sent_while_it_is_written() -> None:
    read = 0

    def rows() -> Iterator[tuple[str]]:
        nonlocal read
        for _ in range(100_000):
            read += 1
            yield ("x" * 99,)

    answer = as_csv("x.csv", rows())
    assert read == 0
    pieces = iter(answer)
    first = next(pieces)
    assert read < 1000
    assert len(first) + sum(map(len, pieces)) == 100_000 * 101


def test_a_file_has_its_name() -> None:
    answer = as_csv("report.csv", [("a",)])
    assert answer.headers["Content-Disposition"] == 'attachment; filename="report.csv"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
