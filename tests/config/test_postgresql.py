"""Whether a connection to PostgreSQL still lives, on the real server."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql import base

from tests.workers import until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="PostgreSQL only"),
]


@pytest.fixture
def other() -> Iterator[psycopg.Connection[Any]]:
    """Somebody else's connection to the same server."""
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as theirs:
        yield theirs


@pytest.fixture
def pid() -> Iterator[int]:
    """The server's process behind our connection, which is made anew afterwards."""
    connection.ensure_connection()
    yield connection.connection.info.backend_pid
    connection.close()


def test_one_that_lives_is_not_asked(pid: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(base.DatabaseWrapper, "is_usable", lambda _: asked.append(1))
    assert connection.is_usable()
    assert not asked


def test_one_whose_server_process_was_killed_is_not_usable(pid: int, other: psycopg.Connection[Any]) -> None:
    other.execute("SELECT pg_terminate_backend(%s)", [pid])
    until(lambda: not connection.is_usable())


def test_the_next_request_has_a_new_one(pid: int, other: psycopg.Connection[Any]) -> None:
    other.execute("SELECT pg_terminate_backend(%s)", [pid])
    until(lambda: not connection.is_usable())
    # As Django does it when a request begins.
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() != (pid,)


def test_a_word_of_the_server_that_is_not_its_last_is_asked_about(pid: int, other: psycopg.Connection[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("LISTEN textback_test")
    other.execute("NOTIFY textback_test")
    assert connection.is_usable()


def test_a_closed_one_is_not_usable(pid: int) -> None:
    connection.connection.close()
    assert not connection.is_usable()
