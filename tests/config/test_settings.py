"""Settings, and the system checks of what would be dangerous or would fail late."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import CheckMessage
from pytest_django import Settings

from config import checks
from config.database import database
from config.settings import BASE_DIR


def _ids(found: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in found]


def _run(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from django.conf import settings; print(settings.SECRET_KEY)"],
        cwd=BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_secret_key_nothing_starts_and_it_says_how_to_make_one(tmp_path: Path) -> None:
    done = _run(tmp_path)
    assert done.returncode != 0
    assert "SECRET_KEY is not set" in done.stderr
    assert "token_urlsafe" in done.stderr


def test_debug_needs_no_secret_key(tmp_path: Path) -> None:
    assert _run(tmp_path, DEBUG="1").stdout.strip() == checks.INSECURE_KEY


def test_debug_is_off_unless_it_is_asked_for(tmp_path: Path) -> None:
    assert _run(tmp_path, SECRET_KEY="mine").stdout.strip() == "mine"


def test_the_development_key_is_an_error_without_debug(settings: Settings) -> None:
    settings.DEBUG, settings.SECRET_KEY = False, checks.INSECURE_KEY
    assert _ids(checks.check_secret_key(None)) == ["config.E001"]


def test_a_key_of_ones_own_is_not(settings: Settings) -> None:
    settings.DEBUG, settings.SECRET_KEY = False, "mine"
    assert checks.check_secret_key(None) == []


def test_with_debug_the_development_key_is_good_enough(settings: Settings) -> None:
    settings.DEBUG, settings.SECRET_KEY = True, checks.INSECURE_KEY
    assert checks.check_secret_key(None) == []


@pytest.mark.parametrize(
    ("debug", "url", "found"),
    [
        (True, "postgresql://db.example.com/textback", ["config.W002"]),
        (True, "sqlite:///textback.sqlite3", []),
        (False, "postgresql://db.example.com/textback", []),
    ],
)
def test_debug_on_a_database_server_is_warned_of(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, debug: bool, url: str, found: list[str]
) -> None:
    settings.DEBUG = debug
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", database(url)["ENGINE"])
    assert _ids(checks.check_debug(None)) == found


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION", None])
def test_a_region_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str | None) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    if variable:
        monkeypatch.setenv(variable, "eu-west-1")
    assert _ids(checks.check_aws_region(None)) == ([] if variable else ["config.W003"])


def test_a_region_may_be_in_aws_own_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config").write_text("[default]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    assert checks.check_aws_region(None) == []


def test_sqlite_is_shared_by_processes_in_wal_and_waits_its_turn() -> None:
    options = database("sqlite:///textback.sqlite3")["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in options["init_command"]
