"""What is done before the processes start waits for a PostgreSQL that is restarted beside it."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError

from config.processes import prepare


class Away:
    """A database that answers only after some failures."""

    def __init__(self, failures: int, vendor: str) -> None:
        self.failures, self.vendor = failures, vendor
        self.asked = self.closed = 0

    def call(self, name: str, **_: Any) -> None:
        self.asked += 1
        if name == "migrate" and self.failures:
            self.failures -= 1
            raise OperationalError("the database system is in recovery mode\n")

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Any:
    def make(failures: int, vendor: str = "postgresql") -> Away:
        database = Away(failures, vendor)
        monkeypatch.setattr(prepare, "call_command", database.call)
        monkeypatch.setattr(prepare, "collect_static", lambda root: False)
        monkeypatch.setattr(prepare, "connection", database)
        return database

    passed = [0.0]
    monkeypatch.setattr(
        prepare,
        "time",
        SimpleNamespace(
            monotonic=lambda: time.monotonic() + passed[0],
            sleep=lambda seconds: passed.__setitem__(0, passed[0] + seconds),
        ),
    )
    return make


def test_a_database_that_comes_back_is_waited_for(away: Any, capsys: pytest.CaptureFixture[str]) -> None:
    database = away(3)
    assert prepare.prepare() == 0
    assert (database.asked, database.closed) == (8, 3)
    assert capsys.readouterr().err.count("The database is away; trying again: the database system is in recovery") == 3


def test_one_that_stays_away_is_named(away: Any, capsys: pytest.CaptureFixture[str]) -> None:
    away(1000)
    assert prepare.prepare() == 1
    assert "See that PostgreSQL runs and that DATABASE_URL names it." in capsys.readouterr().err.splitlines()[-1]


def test_a_file_does_not_come_back(away: Any) -> None:
    away(1, vendor="sqlite")
    with pytest.raises(OperationalError):
        prepare.prepare()
