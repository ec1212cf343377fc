"""API tokens: kept as a hash, written nowhere, and guessed in vain."""

import io
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from knox.models import AuthToken
from rest_framework.test import APIClient

from config.logs import Masked
from messaging.models import Keyword

pytestmark = pytest.mark.django_db

URL = "/api/v1/keywords/"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any logger says, at any level, as the console would show it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Masked("%(levelname)s %(name)s %(message)s"))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def _made() -> str:
    out = io.StringIO()
    call_command("create_token", "monitoring", stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def _use(token: str, **headers: Any) -> Any:
    client = APIClient(raise_request_exception=True)
    return client.get(URL, HTTP_AUTHORIZATION=f"Token {token}", **headers)


def _database() -> str:
    """Every value of every table."""
    with connection.cursor() as cursor:
        text = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            text.append(repr(cursor.fetchall()))
    return "\n".join(text)


def test_neither_database_nor_log_holds_a_token(log: io.StringIO) -> None:
    command, (_, api) = _made(), AuthToken.objects.create(User.objects.create_superuser("machine"))
    for token in (command, api):
        assert len(token) == 64
        assert _use(token).status_code == 200
        assert _use(token[:-1] + ("0" if token[-1] != "0" else "1")).status_code == 401
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
        assert client.post(URL, {"word": "HOURS", "text": ""}).status_code == 400
        with pytest.raises(RuntimeError):
            _fail_with(client)
        kept = _database() + log.getvalue()
        # knox keeps the first characters to find the row by, and a hash of all.
        beginning = AuthToken.objects.get(token_key=token[:15]).token_key
        assert len(beginning) <= 15
        assert token not in kept
        assert token[15:] not in kept
        assert token[20:40] not in kept
    assert "A wrong API token from 127.0.0.1" in log.getvalue()


def _fail_with(client: APIClient) -> None:
    """A fault of our own in a request with a token: the traceback goes to the log."""
    with pytest.MonkeyPatch.context() as patch:

        def broken(*arguments: Any, **options: Any) -> Any:
            raise RuntimeError("broken")

        patch.setattr(Keyword.objects, "all", broken)
        patch.setattr("messaging.api.keywords.Keywords.get_queryset", broken)
        client.get(URL)


@pytest.mark.parametrize(
    "written",
    ["x", "0" * 64, "0" * 5000, "\xff\xfe", "ÿ" * 64, "\x00" * 64, "%00", "a b", "", "'; DROP TABLE x --", "é"],
)
def test_what_is_no_token_is_401_and_no_fault(written: str) -> None:
    assert _use(written).status_code == 401


def test_wrong_tokens_become_429_and_stop_filling_the_log(caplog: pytest.LogCaptureFixture) -> None:
    answers = [_use("0" * 64, REMOTE_ADDR="192.0.2.1") for _ in range(40)]
    assert [answer.status_code for answer in answers] == [401] * 30 + [429] * 10
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    assert len(re.findall("A wrong API token from 192.0.2.1", caplog.text)) == 30


def test_a_stranger_writes_no_lines_of_the_log(log: io.StringIO) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {'0' * 64}")
    for feed in ("%0A", "%0D", "%C2%85", "%E2%80%A8"):
        assert client.get(f"/api/v1/segments/a{feed}FORGED line/").status_code == 401
    lines = [line for line in log.getvalue().splitlines() if "FORGED" in line]
    assert len(lines) >= 4
    assert all(line.startswith(("WARNING config.security.tokens A wrong", "WARNING django")) for line in lines), lines


def test_a_good_token_is_never_kept_waiting() -> None:
    token = _made()
    for _ in range(40):
        _use("0" * 64)
    assert _use(token).status_code == 200


def test_a_strangers_x_forwarded_for_makes_no_new_account_of_guesses() -> None:
    for number in range(30):
        _use("0" * 64, REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
    assert _use("0" * 64, REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="198.51.100.99").status_code == 429
    assert _use("0" * 64, REMOTE_ADDR="192.0.2.2").status_code == 401


def test_without_redis_nobody_is_counted_and_everybody_is_answered(settings: Any) -> None:
    token = _made()
    away = settings.CACHES["default"] | {"LOCATION": ["unix:///nowhere/redis.sock"]}
    settings.CACHES = {"default": away}
    assert {_use("0" * 64).status_code for _ in range(35)} == {401}
    assert _use(token).status_code == 200
