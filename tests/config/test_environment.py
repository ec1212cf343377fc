"""manage.py works beside `make serve` with nothing set, as the README says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.processes.environment import completed
from config.settings import words

BASE = Path(__file__).resolve().parent.parent.parent


def manage(database: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py as somebody does who has set nothing but where the database is."""
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "DATABASE_URL": f"sqlite:///{database}"}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=BASE, env=env, capture_output=True, text=True, check=False)


def test_a_token_is_made_with_nothing_set(tmp_path: Path) -> None:
    database = tmp_path / "textback.sqlite3"
    early = manage(database, "create_token", "monitoring")
    assert early.returncode == 1
    assert "make serve" in early.stderr
    assert "Traceback" not in early.stderr
    assert manage(database, "migrate").returncode == 0
    made = manage(database, "create_token", "monitoring")
    assert made.returncode == 0, made.stderr
    assert len(made.stdout.split()) == 1


def test_what_serve_and_manage_fill_in_is_the_same(tmp_path: Path) -> None:
    env = {"DATABASE_URL": f"sqlite:///{tmp_path / 'a.sqlite3'}"}
    first, second = completed(env, tmp_path), completed(env, tmp_path)
    assert first == second
    assert first["REDIS_URL"].startswith("unix://")
    assert len(first["SECRET_KEY"]) > 40
    other = completed({"DATABASE_URL": f"sqlite:///{tmp_path / 'b.sqlite3'}"}, tmp_path)
    assert other["REDIS_URL"] != first["REDIS_URL"]


def test_what_is_given_stays_and_nothing_is_made(tmp_path: Path) -> None:
    env = {"DATABASE_URL": "postgres://a/b", "REDIS_URL": "redis://c", "SECRET_KEY": "d"}
    assert completed(env, tmp_path) == env
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a,b", ["a", "b"]), (" a , b ,", ["a", "b"]), ("a", ["a"]), (",", []), (" ", [])],
)
def test_lists_are_separated_by_commas_with_or_without_spaces(
    monkeypatch: pytest.MonkeyPatch, value: str, expected: list[str]
) -> None:
    monkeypatch.setenv("SOME_WORDS", value)
    assert words("SOME_WORDS", []) == expected


def test_this_machine_may_always_ask(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "SECRET_KEY": "a", "ALLOWED_HOSTS": "textback.example.com"}
    code = "from config import settings; print(*settings.ALLOWED_HOSTS)"
    made = subprocess.run([sys.executable, "-c", code], cwd=BASE, env=env, capture_output=True, text=True, check=True)
    assert {"textback.example.com", "localhost", "127.0.0.1"} <= set(made.stdout.split())
