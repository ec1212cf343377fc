"""What is a phone number in a log, and what is not."""

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.logs import Masked
from config.masking import masked

BASE = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("+14255550182", "+1***82"),
        ("+4915112345678: refused", "+49***78: refused"),
        ("+353861234567", "+353***67"),
        ("+79161234567", "+7***67"),
        # Too short to show its end as well.
        ("+6831234", "+683***"),
        ("from +14255550182 to +14255550100.", "from +1***82 to +1***00."),
        ("+14255550182,+14255550183", "+1***82,+1***83"),
        ("{'phone_number': '+14255550182'}", "{'phone_number': '+1***82'}"),
        (r"'one\n+14255550182'", r"'one\n+1***82'"),
        ("incident:7:+14255550182:alert", "incident:7:+1***82:alert"),
        ("phone_number=+14255550182", "phone_number=+1***82"),
        ("/api/v1/employees/+14255550182/", "/api/v1/employees/+1***82/"),
        ("/api/v1/employees/%2B14255550182/", "/api/v1/employees/%2B1***82/"),
        ("?next=%252B14255550182", "?next=%252B1***82"),
        (r"\u002b14255550182", r"\u002b1***82"),
        (r"\x2b14255550182", r"\x2b1***82"),
        ("&#43;14255550182", "&#43;1***82"),
        ("&#x2B;14255550182", "&#x2B;1***82"),
        ("&#x002b;14255550182", "&#x002b;1***82"),
        ("Key (phone_number)=(+14255550182) exists", "Key (phone_number)=(+1***82) exists"),
        ("+1 (425) 555-0182", "+1***82"),
        ("+1 425-555-0182 is", "+1***82 is"),
        ("+44 20 7946 0958", "+44***58"),
        ("+14255550182 2026-11-21 08:00", "+1***82 2026-11-21 08:00"),
        ("+1\t425\t555\t0182", "+1***82"),
        (r"'+1\t425\t555\t0182'", "'+1***82'"),
        ("+1,425,555,0182", "+1***82"),
        ("+1 (425) 555 - 0182", "+1***82"),
        ("+1 - 425 - 555 - 0182", "+1***82"),
        ("%2B1%20425%20555%200182", "%2B1***82"),
        (r"'+35\xa0386123456\xa07'", "'+353***67'"),
        ("+1 425-555-0182, 5 parts", "+1***82, 5 parts"),
        # Other things that open something, or that nobody should read.
        ("GET /preferences/WyIrMTQy.abc-_123/ HTTP", "GET /preferences/***/ HTTP"),
        ("Authorization: Token 0123456789abcdef", "Authorization: Token ***"),
        ("authorization: bearer abc.def-ghi", "authorization: bearer ***"),
        ("postgres://user:secret@host/name", "postgres://user:***@host/name"),
        ("redis://:secret@host:6379/0", "redis://:***@host:6379/0"),
        ("postgres://user:se@cret@host/name", "postgres://user:***@host/name"),
        ("https://sns/?Action=Confirm&Token=2336412f37fb687f5d51e6e2425e", "https://sns/?Action=Confirm&Token=***"),
        ("%26Token%3D2336412f37fb687f5d51e6e2425e", "%26Token%3D***"),
        ('{"Token" : "2336412f37fb687f5d51e6e2425e"}', '{"Token" : "***"}'),
        (r'"{\"Token\": \"2336412f37fb687f5d51e6e2425e\"}"', r'"{\"Token\": \"***\"}"'),
        ("DETAIL:  Failing row contains (1, Ann is ill, +1425).\nmore", "DETAIL:  Failing row contains (***)"),
        ("Failing row contains (1, a\n\nDuring handling of it, b).", "Failing row contains (***)"),
    ],
)
def test_what_is_masked(written: str, shown: str) -> None:
    assert masked(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        "incident 14255550182",
        "1763712345678 ms",
        "2026-11-21T08:00:00+0100",
        "2026-11-21 08:00:00+00:00",
        "UTC+5 2026-11-21 08:00",
        "arn:aws:sns:us-east-1:123456789012:textback",
        "inbound-8a1f0c4e-1111-4222-8333-123456789012",
        "order 4255550182, row 123456789012345",
        "+1234567890123456789",
        "+00000000000",
        "2 + 2, +5, +1.5, +100 texts",
        "http://localhost:8000/admin/ redis://127.0.0.1:6379/0",
        "preferences page, token, tokens wait",
        "token verification failed, basic authentication expected",
        "http://localhost:8000/x?mail=a@b.c",
        "http://localhost:8000?mail=a@b.c",
        "+5, 2026-11-21 08:00",
        "192.0.2.17:54321 took 1234567.891 s",
    ],
)
def test_what_is_not(written: str) -> None:
    assert masked(written) == written


def test_a_long_line_takes_time_in_proportion() -> None:
    # Quadratic, each of these takes a minute or more; as it is, less than a tenth of a second.
    code = (
        "from config.masking import masked\n"
        "for piece in ('://a:', 'Token=', 'Token ', '+1,', '+1 - ', 'Authorization: ', 'Failing row contains ('):\n"
        "    masked(piece * 100_000)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=BASE, check=True, timeout=60)


@given(
    before=st.text(max_size=20),
    number=st.integers(min_value=10**9, max_value=10**15 - 1),
    after=st.text(max_size=20).filter(lambda text: not text[:1].isdigit()),
)
def test_no_number_gets_through_whatever_stands_around_it(before: str, number: int, after: str) -> None:
    shown = masked(f"{before}+{number}{after}")
    assert f"+{number}" not in shown
    assert str(number)[3:-2] not in shown or str(number)[3:-2] in before + after


@given(st.text())
def test_masking_twice_is_masking_once_and_never_fails(text: str) -> None:
    assert masked(masked(text)) == masked(text)


def _line(*arguments: object, **options: object) -> str:
    record = logging.LogRecord("a.logger", logging.ERROR, __file__, 1, *arguments, **options)  # type: ignore[arg-type]
    return Masked("%(message)s").format(record)


def test_arguments_are_masked() -> None:
    assert _line("to %s and %r", ("+14255550182", {"to": ["+14255550183"]}), None) == (
        "to +1***82 and {'to': ['+1***83']}"
    )


def test_a_traceback_is_masked_with_its_causes() -> None:
    try:
        try:
            raise KeyError("+14255550182")
        except KeyError as problem:
            raise ValueError("no +14255550183") from problem
    except ValueError:
        line = _line("It failed", (), sys.exc_info())
    assert "+1***82" in line
    assert "+1***83" in line
    assert "42555501" not in line.replace('"+14255550182"', "").replace('"no +14255550183"', "")


def test_the_row_that_postgresql_quotes_does_not_take_the_rest_of_the_traceback_with_it() -> None:
    refused = "DETAIL:  Failing row contains (1, I fell\n\noff the ladder, +14255550182).\n"
    try:
        try:
            try:
                raise KeyError(refused)
            except KeyError:
                raise ValueError(refused)  # noqa: B904 - during handling
        except ValueError as problem:
            raise RuntimeError("The text was not stored") from problem
    except RuntimeError:
        line = _line("It failed", (), sys.exc_info())
    assert "ladder" not in line
    # Its repr ends with the row; a plain one goes on.
    assert line.count("Failing row contains (***)") == 2
    assert "During handling of the above exception, another exception occurred:\n\nTraceback" in line
    assert "The above exception was the direct cause of the following exception:\n\nTraceback" in line
    assert line.endswith("RuntimeError: The text was not stored")


def test_what_nobody_catches_is_masked_in_processes_and_threads() -> None:
    code = (
        "import threading\n"
        "from config.logs import mask_what_nobody_caught\n"
        "mask_what_nobody_caught()\n"
        "def fail(): raise RuntimeError('thread ' + '+1425' + '5550182')\n"
        "thread = threading.Thread(target=fail); thread.start(); thread.join()\n"
        "class Late:\n"
        "    def __repr__(self): return 'late ' + '+1425' + '5550185'\n"
        "    def __del__(self): raise RuntimeError('deleted ' + '+1425' + '5550184')\n"
        "Late()\n"
        "class Broken(Late):\n"
        "    def __repr__(self): raise RuntimeError('no repr')\n"
        "Broken()\n"
        "raise RuntimeError('process ' + '+1425' + '5550183')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=BASE, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "thread +1***82" in done.stderr
    assert "process +1***83" in done.stderr
    assert done.stderr.count("deleted +1***84") == 2
    # A method of something is shown with its repr.
    assert "Exception ignored in: <" in done.stderr
    assert re.search(r"\+1425555018\d", done.stderr) is None


def test_what_cannot_be_logged_is_told_masked() -> None:
    code = (
        "import logging, logging.config\n"
        "from config.logs import logging_config\n"
        "logging.config.dictConfig(logging_config('INFO'))\n"
        "logging.warning('to %d', '+1425' + '5550182')\n"
        "logging.warning('next')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=BASE, capture_output=True, text=True, check=True)
    assert "--- Logging error ---" in done.stderr
    assert "TypeError" in done.stderr
    assert "Message: 'to %d'\nArguments: ('+1***82',)" in done.stderr
    assert done.stderr.endswith("next\n")
    assert "+14255550182" not in done.stderr
