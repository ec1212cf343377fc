"""Files of anything, uploaded as lists of employees: errors by line and nothing imported, or everybody."""

import gzip
import io
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.models import Contact
from shifts import roster
from shifts.models import Employee, Segment, SegmentMember
from shifts.roster import reading
from shifts.roster.decoding import LARGEST
from shifts.roster.report import MOST_ERRORS
from tests.security.examples import examples
from tests.security.fuzz.writing import ANYTHING, SENDABLE

# ruff: noqa: PLW0108 - large files are made when they are needed

pytestmark = pytest.mark.django_db

HEADERS = [
    "name,phone_number,approved,language",
    "phone_number",
    "ChannelType,Address,OptOut,EffectiveDate,User.UserId",
]
CELLS = st.one_of(
    SENDABLE,
    st.sampled_from(
        [
            *("+14255550182", "+14255550183", "'+14255550182", "yes", "no", "SMS", "EMAIL", "ALL", "NONE", "en", ""),
            *("=HYPERLINK(1)", "@SUM(1)", "-1+1", "+1", '"', '""', '"a', "a\nb", "a,b", "\x00", "2026-01-01T00:00:00Z"),
            *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9" * 500, "+" + "9" * 30, "٣" * 11),
        ]
    ),
)
LINES = st.lists(st.lists(CELLS, max_size=7).map(",".join), max_size=8).map("\n".join)
FILES = st.one_of(
    st.binary(max_size=300),
    st.tuples(
        st.sampled_from(HEADERS), LINES, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-32"])
    ).map(lambda made: f"{made[0]}\n{made[1]}".encode(made[2], "replace")),
    ANYTHING.map(lambda text: text.encode("utf-8", "surrogatepass")),
)


def everything() -> tuple[int, ...]:
    return tuple(model._default_manager.count() for model in (Contact, Employee, Segment, SegmentMember))


@examples(150)
@given(FILES)
def test_any_file_is_imported_as_a_whole_or_not_at_all(content: bytes) -> None:
    before = everything()
    foreseen = roster.check(content, segment="Fuzz")
    assert everything() == before
    report = roster.run(content, segment="Fuzz", actor="fuzzer")
    assert report.errors_total == foreseen.errors_total
    if report.errors_total:
        assert everything() == before
        assert all(problem.line >= 1 and problem.message for problem in report.errors)
    else:
        assert report.rows == foreseen.rows > 0
        assert report.counts() == foreseen.counts()


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"0" * 50_000_000)
    return made.getvalue()


PERSON = "+14255550182\n"
BOMBS: dict[str, Callable[[], bytes]] = {
    "a zip bomb": zipped,
    "a gzip bomb": lambda: gzip.compress(b"0" * 50_000_000, mtime=0),
    "too many bytes": lambda: b"phone_number\n" + b"x" * LARGEST,
    "too many lines": lambda: ("phone_number\n" + PERSON * 3000).encode(),
    "too many columns": lambda: (",".join(f"c{i}" for i in range(5000)) + "\n" + PERSON).encode(),
    "more cells than columns": lambda: ("phone_number\n" + "x," * 100_000 + "\n").encode(),
    "one endless cell": lambda: ("phone_number,name\n+14255550182," + "x" * 1_000_000 + "\n").encode(),
    "one endless line": lambda: b"x" * 5_000_000,
    "a quotation mark that is never closed": lambda: ('phone_number,name\n"' + PERSON * 1500).encode(),
    "nothing but quotation marks": lambda: b'"' * 1_000_000,
    "nothing but line ends": lambda: b"\n" * 1_000_000,
    "nothing but commas": lambda: b"phone_number\n" + b"," * 1_000_000,
    "an error on each line": lambda: ("phone_number\n" + "no number\n" * 1500).encode(),
    "NUL": lambda: b"phone_number\n\x00\n",
    "UTF-16 cut in half": lambda: "phone_number\n+1".encode("utf-16")[:-1],
    "half a surrogate pair": lambda: b"phone_number,name\n+14255550182,\xc3\xa9\xed\xa0\x80\n",
    "columns twice": lambda: b"phone_number,phone_number\n+14255550182,+14255550183\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_is_made_to_be_too_much_is_refused_with_a_line(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 2000)
    report = roster.run(BOMBS[name](), segment="Fuzz", actor="fuzzer")
    assert report.errors_total >= 1
    assert 1 <= len(report.errors) <= MOST_ERRORS
    assert all(problem.line >= 1 and len(problem.message) < 1000 for problem in report.errors)
    assert everything() == (0, 0, 0, 0)
