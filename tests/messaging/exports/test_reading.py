"""Exports as rows: each form, packed or not, of any size; what is no row is told with its line."""

import contextlib
import gzip
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.exports import dynamodb, files, moments
from messaging.exports.records import rows
from messaging.exports.streaming import Broken, elements

LINES = '{"a": 1}\n\n{"a": 2}\n'
ITEMS = '{"Count": 2, "Items": [{"a": {"N": "1"}},\n {"a": {"N": "2"}}], "ScannedCount": 2}'


def read(path: Path) -> tuple[list[Any], list[tuple[int, str]]]:
    problems: list[tuple[int, str]] = []
    found = list(rows(path, lambda file, line, reason: problems.append((line, reason))))
    assert all(row.file == str(path) for row in found)
    return [(row.line, dict(row.values)) for row in found], problems


# what the file holds → its rows with their lines
@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("", []),
        ("\n \n", []),
        ("a,b\n1,x\n\n2,\n", [(2, {"a": "1", "b": "x"}), (4, {"a": "2", "b": ""})]),
        ("\ufeffa, b\r\n1, x \r\n", [(2, {"a": "1", "b": "x"})]),
        ('a,b\n"1\n2",x\n3,y\n', [(2, {"a": "1\n2", "b": "x"}), (4, {"a": "3", "b": "y"})]),
        ("a,b\n1\n", [(2, {"a": "1"})]),
        (LINES, [(1, {"a": 1}), (3, {"a": 2})]),
        (ITEMS, [(1, {"a": "1"}), (2, {"a": "2"})]),
        (f"{ITEMS}\n{ITEMS}\n", [(1, {"a": "1"}), (2, {"a": "2"}), (3, {"a": "1"}), (4, {"a": "2"})]),
        ('[\n {"a": 1},\n {"a": 2}\n]', [(2, {"a": 1}), (3, {"a": 2})]),
        ('{"Items": []}', []),
        ('{\n "a": 1,\n "b": [1, 2]\n}', [(1, {"a": 1, "b": [1, 2]})]),
        ('{"OptedOutNumbers": [{"OptedOutNumber": "+1"}], "NextToken": "x"}', [(1, {"OptedOutNumber": "+1"})]),
        ('{"Item":{"a":{"S":"x"},"b":{"NULL":true}}}\n', [(1, {"a": "x", "b": None})]),
        ('{"Metadata":{"W":{"N":"1"}},"Keys":{"a":{"S":"x"}},"NewImage":{"a":{"S":"x"}}}\n', [(1, {"a": "x"})]),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_each_form(tmp_path: Path, content: str, found: list[Any], pack: Any) -> None:
    path = tmp_path / "whatever it is called"
    path.write_bytes(pack(content.encode()))
    assert read(path) == (found, [])


# what the file holds → how many rows are good, and where and why others are not
@pytest.mark.parametrize(
    ("content", "good", "problems"),
    [
        (b'{"a": 1}\n{"a": \n{"a": 3}\n', 2, [(2, "This line is no JSON.")]),
        (b'{"a": 1}\n7\n', 1, [(2, "This is no object with fields.")]),
        (b'{"Items": [{"a": 1},\n {"a" 2}]}', 1, [(2, "From here on the file is no JSON")]),
        (b'{"Items": [{"a": 1},\n', 1, [(2, "From here on the file is no JSON")]),
        (b"a,b\n1,\xff\n2,x\n", 1, [(2, "This is not UTF-8, or has signs that are no text.")]),
        (b"a,b\n1,2,3\n4,5\n", 1, [(2, "This line has 3 cells, the header has 2.")]),
        (b'a,b\n1,2\n"3,4\n', 1, [(3, "From here on the file is no CSV")]),
        (gzip.compress(LINES.encode(), mtime=0)[:-4], 2, [(0, "The file cannot be read to its end")]),
        (b'{"a": ' + b"[" * 100_000, 0, [(1, "From here on the file is no JSON")]),
    ],
)
def test_what_is_no_row_is_told_and_the_others_are_read(
    tmp_path: Path, content: bytes, good: int, problems: list[tuple[int, str]]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    found, told = read(path)
    assert len(found) == good
    assert [line for line, _ in told] == [line for line, _ in problems]
    for (_, reason), (_, begin) in zip(told, problems, strict=True):
        assert reason.startswith(begin)


def test_directories_without_what_lies_beside_the_data(tmp_path: Path) -> None:
    for name in (
        *("AWSDynamoDB/0170/data/b.json.gz", "AWSDynamoDB/0170/data/a.json.gz", "AWSDynamoDB/0170/_started"),
        *("AWSDynamoDB/0170/manifest-summary.json", "AWSDynamoDB/0170/manifest-files.json.md5", ".DS_Store"),
        "AWSDynamoDB/0170/manifest-files.checksum",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert [one.name for one in files.find([tmp_path])] == ["a.json.gz", "b.json.gz"]
    assert [one.name for one in files.find([tmp_path / "AWSDynamoDB/0170/_started"])] == ["_started"]
    with pytest.raises(FileNotFoundError):
        list(files.find([tmp_path / "nowhere"]))


class Trickle(StringIO):
    """A stream that gives little at a time, as a network does."""

    def read(self, size: int | None = -1) -> str:
        return super().read(3)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_VALUES, max_size=6), st.sampled_from([None, 2]))
def test_elements_are_what_the_standard_decoder_says(values: list[Any], indent: int | None) -> None:
    document = json.dumps({"Before": 1, "Items": values, "After": [7]}, indent=indent, ensure_ascii=False)
    for stream in (StringIO(document), Trickle(document)):
        assert [value for _, value in elements(stream, ["Items"])] == values
    assert [value for _, value in elements(Trickle(json.dumps(values, indent=indent)), [])] == values


@settings(deadline=None)
@given(st.text(alphabet='[]{}",:1ae \n', max_size=30))
def test_anything_is_read_or_broken(text: str) -> None:
    with contextlib.suppress(Broken):
        list(elements(Trickle(text), ["a"]))


@pytest.mark.parametrize("form", ["lines", "one line", "packed", "csv"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The files below are longer than what is read at once.
    monkeypatch.setattr("messaging.exports.records._LONGEST_LINE", 8_192)
    monkeypatch.setattr("messaging.exports.streaming._PIECE", 8_192)

    def peak(count: int) -> int:
        path = tmp_path / f"{count}"
        items = (json.dumps({"a": {"S": f"value {n}"}, "b": {"S": "x" * 50}}) for n in range(count))
        with gzip.open(path, "wt") if form == "packed" else path.open("w") as file:
            file.writelines(_written(form, items))
        tracemalloc.start()
        assert sum(1 for _ in rows(path, lambda *problem: pytest.fail(str(problem)))) == count
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    small, large = peak(500), peak(4_000)
    assert large < 1.5 * small + 50_000


def _written(form: str, items: Iterator[str]) -> Iterator[str]:
    if form == "csv":
        yield "a,b\n"
        for number, _ in enumerate(items):
            yield f"{number},{'x' * 50}\n"
    elif form == "one line":
        yield '{"Items": ['
        yield next(items)
        yield from (f",{item}" for item in items)
        yield "]}"
    else:
        yield from (f'{{"Item":{item}}}\n' for item in items)


@pytest.mark.parametrize(
    ("item", "plain"),
    [
        ({"a": {"S": "x"}, "n": {"N": "1.5"}}, {"a": "x", "n": "1.5"}),
        (
            {"m": {"M": {"x": {"BOOL": True}}}, "l": {"L": [{"S": "y"}, {"NULL": True}]}},
            {"m": {"x": True}, "l": ["y", None]},
        ),
        ({"s": {"SS": ["a", "b"]}}, {"s": ["a", "b"]}),
        # A document client writes no types; a map with one key named S is a map.
        ({"a": "x", "m": {"S": "y"}}, {"a": "x", "m": {"S": "y"}}),
        ({}, {}),
    ],
)
def test_items_without_types(item: dict[str, Any], plain: dict[str, Any]) -> None:
    assert dynamodb.plain(item) == plain


_NO_TIMES = ["", None, True, "soon", "2025-07-01 12:00:00", "nan", "inf", "0001-01-01T00:00:00Z", "9" * 30]
NOON = datetime(2025, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "at"),
    [
        (1751371200, NOON),
        (1751371200.0, NOON),
        ("1751371200", NOON),
        (1751371200000, NOON),
        ("2025-07-01T12:00:00Z", NOON),
        ("2025-07-01T12:00:00.000000+00:00", NOON),
        ("2025-07-01T14:00:00+02:00", NOON),
        *((nothing, None) for nothing in _NO_TIMES),
    ],
)  # fmt: skip
def test_moments(written: Any, at: datetime | None) -> None:
    assert moments.read(written) == at


def test_a_day_in_digits_is_no_number_of_seconds() -> None:
    """As one, it would be a day of 1970: whoever opted out then has opted in since."""
    assert moments.read("20250701") is None
    assert moments.read(20250701, UTC) == datetime(2025, 7, 1, tzinfo=UTC)
    assert moments.read("20250701120000", UTC) is None


@pytest.mark.parametrize("written", ["2025-07-01 08:00:00", "01/07/2025 08:00:00", "2025-07-01T08:00:00.000"])
def test_moments_that_do_not_say_their_zone(written: str) -> None:
    assert moments.read(written, ZoneInfo("America/New_York")) == NOON
